import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { Finding, SourceLocation } from '../findings.ts'
import { parseYaml } from './parse-yaml.ts'
import { appendStep } from './path.ts'
import type { Located } from './tree.ts'

const maxFiles = 100

export interface ConfigFiles {
  root: Located | undefined
  /** Every file read, the main one first: what a reload has to watch. */
  files: string[]
  findings: Finding[]
}

/** Reads a configuration file and what it includes into one tree. Files that cannot be used become findings. */
export async function readConfigFiles(
  path: string,
  readFile: (path: string) => Promise<string>,
): Promise<ConfigFiles> {
  const reader = new FileReader(dirname(resolve(path)), readFile)
  const root = await reader.read(path, [])
  return { root, files: reader.files, findings: reader.findings }
}

class FileReader {
  readonly files: string[] = []
  readonly findings: Finding[] = []
  readonly #rootDirectory: string
  readonly #readFile: (path: string) => Promise<string>

  constructor(rootDirectory: string, readFile: (path: string) => Promise<string>) {
    this.#rootDirectory = rootDirectory
    this.#readFile = readFile
  }

  /** `openFiles` are the files on the way to this one, with the main file first. */
  async read(
    path: string,
    openFiles: readonly string[],
    includedAt?: SourceLocation,
  ): Promise<Located | undefined> {
    this.files.push(path)
    const at = includedAt ?? { file: path, line: 1, column: 1 }
    let text: string
    try {
      text = await this.#readFile(path)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
      const name = includedAt === undefined ? 'the file' : `the included file ${path}`
      this.#report('error', includedAt === undefined ? '' : 'include', at, `${name} cannot be read${code}`)
      return undefined
    }
    const parsed = parseYaml(text, path)
    this.findings.push(...parsed.findings)
    if (parsed.root === undefined) return undefined
    if (parsed.root.kind !== 'map') {
      this.#report(
        'error',
        '',
        parsed.root.at,
        'the file must be a map of sections',
        'start with `model_list:`',
      )
      return undefined
    }
    return this.#withIncludes(parsed.root, path, [...openFiles, resolve(path)])
  }

  async #withIncludes(
    root: Located & { kind: 'map' },
    path: string,
    openFiles: readonly string[],
  ): Promise<Located> {
    const include = root.entries.get('include')
    if (include === undefined) return root
    root.entries.delete('include')
    let merged: Located = root
    const names = include.kind === 'list' ? include.items : [include]
    for (const [index, name] of names.entries()) {
      const target = this.#includeTarget(name, path, openFiles, appendStep('include', index))
      if (target === undefined) continue
      const included = await this.read(target, openFiles, name.at)
      if (included !== undefined) merged = this.#merge(merged, included, '')
    }
    return merged
  }

  #includeTarget(
    name: Located,
    includingFile: string,
    openFiles: readonly string[],
    path: string,
  ): string | undefined {
    const refuse = (message: string, fix?: string): undefined =>
      this.#report('error', path, name.at, message, fix)
    if (name.kind === 'scalar' && name.value === null) return undefined
    if (name.kind !== 'scalar' || typeof name.value !== 'string')
      return refuse('expected the name of a YAML file')
    const absolute = resolve(dirname(includingFile), name.value)
    const fromRoot = relative(this.#rootDirectory, absolute)
    if (fromRoot === '..' || fromRoot.startsWith(`..${sep}`) || isAbsolute(fromRoot)) {
      return refuse(
        'lies outside the directory of the configuration',
        'move the file beside the configuration',
      )
    }
    if (openFiles.includes(absolute)) return refuse('includes itself, directly or by way of another file')
    if (this.files.some((file) => resolve(file) === absolute)) {
      this.#report(
        'warning',
        path,
        name.at,
        'is included a second time and read only once',
        'remove one of the two',
      )
      return undefined
    }
    if (this.files.length >= maxFiles) return refuse(`more than ${maxFiles} files are included`)
    return isAbsolute(name.value) ? name.value : join(dirname(includingFile), name.value)
  }

  /** Lists are joined, maps are merged; where both files set one value, the including file's stays. */
  #merge(base: Located, added: Located, path: string): Located {
    if (base.kind === 'map' && added.kind === 'map') {
      const entries = new Map(base.entries)
      for (const [key, value] of added.entries) {
        const existing = entries.get(key)
        entries.set(key, existing === undefined ? value : this.#merge(existing, value, appendStep(path, key)))
      }
      return { ...base, entries }
    }
    if (base.kind === 'list' && added.kind === 'list') {
      return { ...base, items: [...base.items, ...added.items] }
    }
    if (base.kind === 'scalar' && base.value === null) return added
    const empty = added.kind === 'scalar' && added.value === null
    const same = base.kind === 'scalar' && added.kind === 'scalar' && base.value === added.value
    if (!empty && !same) {
      const message = `is also set in ${base.at.file}:${base.at.line}, and that value is used`
      this.#report('warning', path, added.at, message, 'remove one of the two')
    }
    return base
  }

  #report(
    level: Finding['level'],
    path: string,
    at: SourceLocation,
    message: string,
    fix?: string,
  ): undefined {
    this.findings.push({ level, path, ...at, message, fix })
  }
}
