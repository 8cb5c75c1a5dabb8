import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root: string = fileURLToPath(new URL('../..', import.meta.url))

/** A page of the project's documentation. */
export interface Page {
  /** From the root of the checkout. */
  path: string
  text: string
}

/** Every page: the root's, the packages' and all of `docs`. */
export function findPages(): Page[] {
  const packages = readdirSync(join(root, 'packages')).map((name) => join('packages', name))
  const folders = ['.', ...packages, 'bench', 'docs', 'docs/decisions', 'examples']
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => readPage(join(folder, name))),
  )
}

export function readPage(path: string): Page {
  return { path, text: readFileSync(join(root, path), 'utf8') }
}

/** The page without its fenced blocks. */
function proseOf({ text }: Page): string {
  return text.replaceAll(/^(`{3,}).*\n[\s\S]*?^\1$/gm, '')
}

/** Links to files and headings of the checkout that lead nowhere. */
export function brokenLinks(page: Page): string[] {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return links.filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(link, page))
}

function leadsSomewhere(link: string, page: Page): boolean {
  const [file = '', heading] = link.split('#')
  const path = file === '' ? page.path : relative(root, join(root, dirname(page.path), file))
  if (path.startsWith('..') || !existsSync(join(root, path))) return false
  return heading === undefined || anchorsOf(readPage(path)).includes(heading)
}

/** Headings as GitHub names them in addresses. */
function anchorsOf(page: Page): string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** The page with every block ```` ```ts file=<path>#<region> ```` holding that region of that file, or the whole file. */
export function withIncludes({ text }: Page): string {
  return text.replaceAll(
    /^(```\w+ file=(\S+)\n)[\s\S]*?^```$/gm,
    (_whole, opening: string, reference: string) => `${opening}${includedText(reference)}\n\`\`\``,
  )
}

function includedText(reference: string): string {
  const [path = '', region] = reference.split('#')
  const text = readFileSync(join(root, path), 'utf8').trimEnd()
  if (region === undefined) return text
  const lines = text.split('\n')
  const start = lines.indexOf(`// #region ${region}`)
  const end = lines.indexOf('// #endregion', start)
  if (start < 0 || end < 0) throw new Error(`${path} has no region ${region}`)
  return lines.slice(start + 1, end).join('\n')
}

/** The text between `<!-- <name> -->` and `<!-- end <name> -->`. */
export function generatedPart(page: Page, name: string): string {
  const [, part] = new RegExp(`<!-- ${name} -->\n([\\s\\S]*?)\n<!-- end ${name} -->`).exec(page.text) ?? []
  if (part === undefined) throw new Error(`${page.path} has no part named ${name}`)
  return part
}

export function withGeneratedPart(page: Page, name: string, part: string): string {
  return page.text.replace(
    `<!-- ${name} -->\n${generatedPart(page, name)}`,
    () => `<!-- ${name} -->\n${part}`,
  )
}
