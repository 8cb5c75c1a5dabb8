import type { Finding, SourceLocation } from '../findings.ts'
import { createSuggester } from '../nearest.ts'
import type { Suggester } from '../nearest.ts'
import { appendStep } from './path.ts'
import type { Located, Plain, PlainObject } from './tree.ts'

const prefix = 'os.environ/'

/** Environment variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>

/** A configuration as values, with what is known about each of them by its path. */
export interface ResolvedTree {
  /** With every `os.environ/NAME` replaced by the variable's value. */
  value: Plain
  /** As it is written. */
  written: Plain
  locations: ReadonlyMap<string, SourceLocation>
  /** Which variable a value came from. */
  variables: ReadonlyMap<string, string>
  /** Paths of references that could not be resolved; their value stays the reference. */
  unresolved: ReadonlySet<string>
  /** What `environment_variables` sets. */
  environment: Readonly<Record<string, string>>
  findings: Finding[]
}

export interface ReferenceRules {
  env: Variables
  /** Which variables the file may read; all of them when left out. */
  mayReadVariable?: ((name: string) => boolean) | undefined
}

/**
 * Replaces `os.environ/NAME` in every text of the tree. `environment_variables` comes first: what it sets wins over
 * the process's own variables everywhere else.
 */
export function resolveReferences(root: Located, rules: ReferenceRules): ResolvedTree {
  const resolver = new ReferenceResolver(rules)
  const section = root.kind === 'map' ? root.entries.get('environment_variables') : undefined
  if (section?.kind === 'map') resolver.readEnvironment(section.entries)
  const { value, written } = resolver.resolve(root, '')
  return {
    value,
    written,
    locations: resolver.locations,
    variables: resolver.variables,
    unresolved: resolver.unresolved,
    environment: resolver.environment,
    findings: resolver.findings,
  }
}

class ReferenceResolver {
  readonly locations = new Map<string, SourceLocation>()
  readonly variables = new Map<string, string>()
  readonly unresolved = new Set<string>()
  readonly environment: Record<string, string> = {}
  readonly findings: Finding[] = []
  readonly #rules: ReferenceRules
  readonly #suggest: Suggester

  constructor(rules: ReferenceRules) {
    this.#rules = rules
    this.#suggest = createSuggester(Object.keys(rules.env))
  }

  readEnvironment(entries: ReadonlyMap<string, Located>): void {
    for (const [name, node] of entries) {
      if (node.kind !== 'scalar' || node.value === null) continue
      const path = appendStep('environment_variables', name)
      const text =
        typeof node.value === 'string' ? this.#replace(node.value, path, node.at) : String(node.value)
      if (!this.unresolved.has(path)) this.environment[name] = text
    }
  }

  resolve(node: Located, path: string): { value: Plain; written: Plain } {
    this.locations.set(path, node.at)
    if (node.kind === 'list') {
      const items = node.items.map((item, index) => this.resolve(item, appendStep(path, index)))
      return { value: items.map((item) => item.value), written: items.map((item) => item.written) }
    }
    if (node.kind === 'map') {
      const value: PlainObject = {}
      const written: PlainObject = {}
      for (const [key, child] of node.entries) {
        const both = this.resolve(child, appendStep(path, key))
        value[key] = both.value
        written[key] = both.written
      }
      return { value, written }
    }
    if (typeof node.value !== 'string') return { value: node.value, written: node.value }
    return { value: this.#replace(node.value, path, node.at), written: node.value }
  }

  #replace(text: string, path: string, at: SourceLocation): string {
    if (!text.startsWith(prefix)) return text
    const name = text.slice(prefix.length).trim()
    // `environment_variables` is walked twice: first for what it sets, then as a part of the tree.
    const known = this.variables.get(path)
    if (this.unresolved.has(path)) return text
    const fail = (message: string, fix: string): string => {
      this.unresolved.add(path)
      this.findings.push({ level: 'error', path, ...at, message, fix })
      return text
    }
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      return fail('refers to an environment variable whose name is not valid', 'write os.environ/NAME')
    }
    if (this.#rules.mayReadVariable?.(name) === false) {
      return fail(
        `may not read the environment variable ${name}`,
        'allow the variable or remove the reference',
      )
    }
    const value = path === `environment_variables.${name}` ? undefined : this.environment[name]
    const found = value ?? this.#rules.env[name]
    if (found === undefined) {
      const close = this.#suggest(name)
      const hint = close === undefined ? '' : `, or did you mean ${close}?`
      return fail(`the environment variable ${name} is not set`, `set ${name} before the start${hint}`)
    }
    this.variables.set(path, name)
    if (found === '' && known === undefined) {
      const message = `the environment variable ${name} is set but empty`
      this.findings.push({ level: 'warning', path, ...at, message, fix: `give ${name} a value` })
    }
    return found
  }
}
