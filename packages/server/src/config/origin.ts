import type { SourceLocation } from './findings.ts'
import type { ResolvedTree } from './document/references.ts'
import type { EnvironmentSources } from './environment.ts'
import type { Plain } from './document/tree.ts'

/** Where the values of a configuration come from. Its contents may hold secrets, so it never prints itself. */
export class ConfigOrigin {
  /** Which variable gave which of the server's settings. */
  readonly environment: EnvironmentSources
  readonly #tree: ResolvedTree

  constructor(tree: ResolvedTree, environment: EnvironmentSources) {
    this.#tree = tree
    this.environment = environment
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
