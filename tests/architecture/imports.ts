/** One import, re-export or dynamic import of a source file. */
export interface Import {
  readonly specifier: string
  /** Vanishes when the types are stripped. */
  readonly typeOnly: boolean
  /** Counted from 1. */
  readonly line: number
}

// The formatter puts every static import at the start of a line, so this needs no parser.
const statement =
  /^(?:import|export)\s+(?<type>type\s+(?!from\b|,))?(?:[\w$*\s,{}]+?\sfrom\s+|\{[^}]*\}\s*from\s+)?(?<quote>['"])(?<specifier>[^'"\n]+)\k<quote>/gm
const dynamic =
  /(?<query>typeof\s+|[:<|&(,]\s*)?\bimport\(\s*(?<quote>['"])(?<specifier>[^'"\n]+)\k<quote>\s*\)(?<member>\s*\.\s*[A-Z])?/g

/** All imports of a TypeScript source, in order. Commented-out code does not count. */
export function importsOf(source: string): Import[] {
  const code = withoutComments(source)
  const found: Import[] = []
  for (const match of code.matchAll(statement)) {
    const { type, specifier = '' } = match.groups ?? {}
    found.push({ specifier, typeOnly: type !== undefined, line: lineAt(code, match.index) })
  }
  for (const match of code.matchAll(dynamic)) {
    const { query, member, specifier = '' } = match.groups ?? {}
    // `typeof import('x')` and `import('x').Name` are types; `await import('x')` runs.
    const typeOnly = query?.startsWith('typeof') === true || member !== undefined
    found.push({ specifier, typeOnly, line: lineAt(code, match.index) })
  }
  return found.toSorted((left, right) => left.line - right.line)
}

/** Blanks comments that fill whole lines, keeping the line numbers. */
export function withoutComments(source: string): string {
  return source
    .replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/^([ \t]*|.*[;,{}()\]'"\w] )\/\/ .*$/gm, '$1')
}

export function lineAt(text: string, index: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < index; at = text.indexOf('\n', at + 1)) line += 1
  return line
}
