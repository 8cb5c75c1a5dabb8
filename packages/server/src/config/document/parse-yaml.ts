import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Document, ErrorCode, Node, YAMLError, YAMLMap } from 'yaml'
import type { Finding, SourceLocation } from '../findings.ts'
import { displayKey } from './display-key.ts'
import { appendStep } from './path.ts'
import type { Located } from './tree.ts'

/** Larger files are refused unread: a configuration of a thousand deployments has about a third of a megabyte. */
const maxFileCharacters: number = 2 * 1024 * 1024
/** Values in one file after anchors have been filled in; stops alias bombs. */
const maxValues = 200_000
const maxDepth = 64
const maxKeys = 10_000

export interface ParsedYaml {
  /** `undefined` when the text could not be read; then there is at least one error among the findings. */
  root: Located | undefined
  findings: Finding[]
}

/** Reads one YAML text. Duplicate keys, syntax errors and bombs become findings; nothing is thrown. */
export function parseYaml(text: string, file: string): ParsedYaml {
  const start: SourceLocation = { file, line: 1, column: 1 }
  const refuse = (message: string, fix?: string): ParsedYaml => ({
    root: undefined,
    findings: [{ level: 'error', path: '', ...start, message, fix }],
  })
  if (text.length > maxFileCharacters) {
    return refuse(
      `the file is larger than ${maxFileCharacters / 1024 / 1024} MiB`,
      'split it with `include`, or check that it is the right file',
    )
  }
  // The parser needs many seconds for a million opening brackets before it gives up.
  if (new RegExp(`(?:[[{]\\s*){${maxDepth + 1}}`).test(text)) {
    return refuse(`values are nested deeper than ${maxDepth} levels`)
  }
  const lines = new LineCounter()
  let document: Document.Parsed
  try {
    // Duplicate keys are found below: the parser compares each key with each other, which takes quadratic time.
    document = parseDocument(text.replace(/^\uFEFF/, ''), {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'error',
    })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return refuse(`values are nested deeper than ${maxDepth} levels`)
  }
  const at = (offset: number | undefined): SourceLocation => {
    const position = lines.linePos(offset ?? 0)
    return { file, line: Math.max(position.line, 1), column: Math.max(position.col, 1) }
  }
  const problems = [
    ...document.errors.map((error): Finding => syntaxFinding(error, 'error', at)),
    ...document.warnings.map((warning): Finding => syntaxFinding(warning, 'warning', at)),
  ]
  if (document.errors.length > 0) return { root: undefined, findings: problems }
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return refuse('the file is empty', 'write at least `model_list:` with one model')
  }
  const reader = new TreeReader(at)
  const root = reader.read(document.contents, '', undefined, 0)
  return { root: reader.exhausted ? undefined : root, findings: [...problems, ...reader.findings] }
}

class TreeReader {
  readonly findings: Finding[] = []
  exhausted = false
  readonly #at: (offset: number | undefined) => SourceLocation
  readonly #anchors = new Map<string, Node>()
  #aliasDepth = 0
  #values = 0

  constructor(at: (offset: number | undefined) => SourceLocation) {
    this.#at = at
  }

  read(node: Node | null, path: string, keyAt: SourceLocation | undefined, depth: number): Located {
    const at = keyAt ?? this.#at(node?.range?.[0])
    if (this.exhausted || node === null) return { kind: 'scalar', at, value: null }
    this.#values += 1
    if (this.#values > maxValues || depth > maxDepth) {
      this.exhausted = true
      const message =
        depth > maxDepth
          ? `values are nested deeper than ${maxDepth} levels, or an anchor contains itself`
          : `the file holds more than ${maxValues} values after its anchors are filled in`
      this.#report('error', '', at, message, 'write the values out instead of nesting anchors')
      return { kind: 'scalar', at, value: null }
    }
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source)
      if (target === undefined) {
        this.#report('error', path, at, 'refers to an anchor that is not defined above it')
        return { kind: 'scalar', at, value: null }
      }
      this.#aliasDepth += 1
      const copy = this.read(target, path, at, depth + 1)
      this.#aliasDepth -= 1
      return copy
    }
    if (node.anchor !== undefined && this.#aliasDepth === 0) this.#anchors.set(node.anchor, node)
    if (isMap(node)) return { kind: 'map', at, entries: this.#readEntries(node, path, depth) }
    if (isSeq(node)) {
      const items = node.items.map((item, index) =>
        this.read(asNode(item), appendStep(path, index), undefined, depth + 1),
      )
      return { kind: 'list', at, items }
    }
    return { kind: 'scalar', at, value: scalarValue(node) }
  }

  #readEntries(map: YAMLMap, path: string, depth: number): Map<string, Located> {
    const merged = new Map<string, Located>()
    const own = new Map<string, Located>()
    if (map.items.length > maxKeys) {
      const message = `a map holds more than ${maxKeys} keys`
      this.#report('error', path, this.#at(map.range?.[0]), message)
      return own
    }
    for (const pair of map.items) {
      const keyNode = asNode(pair.key)
      const at = this.#at(keyNode?.range?.[0] ?? map.range?.[0])
      const key = this.#readKey(keyNode)
      if (key === undefined || key === '__proto__') {
        this.#report('error', path, at, 'a key must be a simple text', 'put the key in quotes')
        continue
      }
      if (key === '<<') {
        for (const [name, value] of this.#readMerge(asNode(pair.value), path, at, depth)) {
          if (!merged.has(name)) merged.set(name, value)
        }
        continue
      }
      const childPath = appendStep(path, key)
      const first = own.get(key)
      if (first !== undefined) {
        this.#report(
          'error',
          appendStep(path, displayKey(key)),
          at,
          `is written twice; the first time in line ${first.at.line}`,
          'remove one of the two',
        )
        continue
      }
      own.set(key, this.read(asNode(pair.value), childPath, at, depth + 1))
    }
    for (const [name, value] of merged) if (!own.has(name)) own.set(name, value)
    return own
  }

  /** `<<: *base` or `<<: [*first, *second]`: entries that the map does not have itself, the first one wins. */
  #readMerge(node: Node | null, path: string, at: SourceLocation, depth: number): [string, Located][] {
    const value = this.read(node, path, undefined, depth + 1)
    const sources = value.kind === 'list' ? value.items : [value]
    return sources.flatMap((source) => {
      if (source.kind === 'map') return [...source.entries]
      this.#report('error', appendStep(path, '<<'), at, 'can only merge maps')
      return []
    })
  }

  #readKey(node: Node | null): string | undefined {
    const key = isAlias(node) ? this.#anchors.get(node.source) : node
    if (!isScalar(key)) return undefined
    if (key.anchor !== undefined) this.#anchors.set(key.anchor, key)
    return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
  }

  #report(level: Finding['level'], path: string, at: SourceLocation, message: string, fix?: string): void {
    this.findings.push({ level, path, ...at, message, fix })
  }
}

function asNode(value: unknown): Node | null {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value) ? value : null
}

function scalarValue(node: Node): null | boolean | number | string {
  const value = isScalar(node) ? node.value : null
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return value === null || value === undefined ? null : String(value)
}

function syntaxFinding(
  error: YAMLError,
  level: Finding['level'],
  at: (offset: number) => SourceLocation,
): Finding {
  const { message, fix } = syntaxTexts[error.code] ?? { message: 'is not valid YAML' }
  return { level, path: '', ...at(error.pos[0]), message, fix }
}

// The parser's own texts quote the source, which may be a key or a password.
const syntaxTexts: Record<ErrorCode, { message: string; fix?: string }> = {
  ALIAS_PROPS: { message: 'an alias cannot have an anchor or a tag of its own' },
  BAD_ALIAS: {
    message: 'this anchor or alias is not valid',
    fix: 'put texts that start with * or & in quotes',
  },
  BAD_COLLECTION_TYPE: { message: 'the tag does not fit the value' },
  BAD_DIRECTIVE: { message: 'this % directive is not valid' },
  BAD_DQ_ESCAPE: {
    message: 'unknown escape in a double-quoted text',
    fix: 'use single quotes or double the backslash',
  },
  BAD_INDENT: {
    message: 'the indentation does not fit',
    fix: 'align it with its siblings, and check that brackets and quotes above are closed',
  },
  BAD_PROP_ORDER: { message: 'anchors and tags must stand before the value' },
  BAD_SCALAR_START: { message: 'a text cannot start with this character', fix: 'put the text in quotes' },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a nested map cannot stand on this line',
    fix: 'put it on the next line, indented',
  },
  BLOCK_IN_FLOW: { message: 'a block cannot stand inside [ ] or { }' },
  DUPLICATE_KEY: { message: 'the key is written twice' },
  IMPOSSIBLE: { message: 'is not valid YAML' },
  KEY_OVER_1024_CHARS: { message: 'the key is longer than 1024 characters' },
  MISSING_CHAR: {
    message: 'a character is missing here',
    fix: 'check for a missing `:`, quote or bracket, and for a space after `:`',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'a key must stand on one line',
    fix: 'check for a missing space after `:` in this line',
  },
  MULTIPLE_ANCHORS: { message: 'a value can have only one anchor' },
  MULTIPLE_DOCS: { message: 'the file holds more than one document', fix: 'remove the second `---`' },
  MULTIPLE_TAGS: { message: 'a value can have only one tag' },
  NON_STRING_KEY: { message: 'a key must be a text' },
  RESOURCE_EXHAUSTION: { message: 'values are nested too deeply' },
  TAB_AS_INDENT: { message: 'a tab is used for indentation', fix: 'use spaces' },
  TAG_RESOLVE_FAILED: { message: 'this tag is not supported', fix: 'remove the ! tag' },
  UNEXPECTED_TOKEN: {
    message: 'something is written here that does not belong',
    fix: 'check quotes, brackets and indentation',
  },
}
