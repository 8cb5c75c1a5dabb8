import type { Queries } from '../store/database.ts'
import { resourceTable } from '../store/tables/resources.ts'
import type { Resource, ResourceTableName } from '../store/tables/resources.ts'
import type { Notes } from './report.ts'

/** Aliases of keys and addresses of users are unique here, and were not in every release of LiteLLM. */
export class UniqueNames {
  readonly #queries: Queries
  readonly #notes: Notes
  /** Who has which name, of those that are not written yet. */
  readonly #claimed = new Map<string, string>()

  constructor(queries: Queries, notes: Notes) {
    this.#queries = queries
    this.#notes = notes
  }

  /** The row with its name, or without it when another has the same. */
  async claim<T extends ResourceTableName>(table: T, resource: Resource<T>): Promise<Resource<T>> {
    const unique = uniqueColumns[table]
    const name = unique === undefined ? undefined : valueAt(resource, unique.column)
    if (unique === undefined || name === undefined) return resource
    const { id } = resource
    const claim = `${table}\n${name}`
    const owners = [await unique.owner(this.#queries, name), this.#claimed.get(claim)]
    if (owners.some((owner) => owner !== undefined && owner !== id)) {
      this.#notes.add(table, id, `without its ${unique.called}: another has the same`)
      return { ...resource, [unique.column]: null }
    }
    this.#claimed.set(claim, id)
    return resource
  }
}

interface UniqueColumn {
  readonly column: string
  readonly called: string
  /** Whose row has that name. */
  readonly owner: (queries: Queries, name: string) => Promise<string | undefined>
}

const uniqueColumns: Readonly<Partial<Record<ResourceTableName, UniqueColumn>>> = {
  keys: {
    column: 'alias',
    called: 'alias',
    owner: async (queries, alias) =>
      (await resourceTable('keys').list(queries, { where: { alias }, limit: 1 }))[0]?.id,
  },
  users: {
    column: 'email',
    called: 'address',
    owner: async (queries, email) =>
      (await resourceTable('users').list(queries, { where: { email }, limit: 1 }))[0]?.id,
  },
}

function valueAt(row: object, column: string): string | undefined {
  const value: unknown = Reflect.get(row, column)
  return typeof value === 'string' ? value : undefined
}
