import type { SourceLocation } from './findings.ts'
import type { ResolvedTree } from './document/references.ts'
import type { Plain } from './document/tree.ts'

/** Where the values of a configuration come from. Its contents may hold secrets, so it never prints itself. */
export class ConfigOrigin {
  readonly #tree: ResolvedTree

  constructor(tree: ResolvedTree) {
    this.#tree = tree
  }

  /** The file as it is written, references and all. */
  written(): Plain {
    return this.#tree.written
  }

  location(path: string): SourceLocation | undefined {
    return this.#tree.locations.get(path)
  }

  /** The environment variable that a value came from. */
  variable(path: string): string | undefined {
    return this.#tree.variables.get(path)
  }
}
