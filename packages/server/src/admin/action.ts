import { isStoreError } from '../store/store-error.ts'
import type { z } from 'zod'
import type { Permission } from '../auth/permissions.ts'
import { json } from '../rest/route.ts'
import type { AnswerDescription, Method, RestRoute, Tag } from '../rest/route.ts'
import type { Admin } from './admin.ts'
import { readFields } from './input.ts'
import { badRequest, noDatabase, versionConflict } from './refusals.ts'
import { createWork } from './work.ts'
import type { Work } from './work.ts'

export interface ActionInput<Query, Body> {
  readonly query: Query
  readonly body: Body
  readonly params: Readonly<Record<string, string>>
  /** `If-Match`: the version that the client believes it changes. */
  readonly ifMatch?: string | undefined
  /** Tells the client, as `ETag`, which version of a row it sees. */
  readonly show: (row: { readonly version: number }) => void
}

export interface Action<Query extends z.ZodObject, Body extends z.ZodType> {
  readonly method: Method
  readonly paths: readonly [string, ...string[]]
  readonly params?: Readonly<Record<string, string>>
  readonly tag: Tag
  /** One line. */
  readonly summary: string
  readonly access: Permission
  readonly query?: Query
  readonly body?: Body
  readonly example?: unknown
  readonly answer: AnswerDescription
  /** What it returns is the answer. Runs in one transaction, maybe several times until that is committed. */
  readonly run: (input: ActionInput<z.output<Query>, z.output<Body>>, work: Work) => Promise<unknown>
}

/** An endpoint of the admin API: reads what was sent, does it in one transaction, and tells who has to know. */
export function action<
  Query extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Body extends z.ZodType = z.ZodUndefined,
>(admin: Admin, declaration: Action<Query, Body>): RestRoute {
  const { run, query: querySchema, body: bodySchema, ...route } = declaration
  return {
    ...route,
    query: querySchema,
    body: bodySchema,
    run: async ({ principal, params, headers, id, query: givenQuery, readBody }) => {
      if (principal === undefined) throw new TypeError('an action of the admin API is never public')
      const query = querySchema === undefined ? {} : readFields(querySchema, givenQuery)
      const body = bodySchema === undefined ? undefined : readFields(bodySchema, (await readBody()) ?? {})
      const { store } = admin
      if (store === undefined) throw noDatabase()
      const changedBy = headers['litellm-changed-by']
      let version: number | undefined
      const show = (row: { readonly version: number }): void => void (version = row.version)
      const ifMatch = headers['if-match']?.replaceAll('"', '')
      // What a schema let pass is its output; without a schema nothing is promised.
      const input = { query, body, params, ifMatch, show } as ActionInput<z.output<Query>, z.output<Body>>
      const about = {
        principal,
        nowMs: admin.nowMs(),
        newId: admin.newId,
        requestId: id,
        changedBy: typeof changedBy === 'string' ? changedBy : undefined,
      }
      const once = async (): Promise<unknown> =>
        route.method === 'GET'
          ? await run(input, createWork({ ...about, db: store.database.kysely, tell: () => undefined }))
          : await store.changes.transaction(
              async (db, tell) => await run(input, createWork({ ...about, db, tell })),
            )
      // Who names no version wants the change made to whatever is there.
      const answer = await inOurWords(ifMatch === undefined ? () => repeated(once) : once)
      return json(answer, version === undefined ? {} : { headers: { etag: `"${version}"` } })
    },
  }
}

const ATTEMPTS = 10

/** Begins anew, with the rows as they are by then, when somebody else changed one of them meanwhile. */
async function repeated<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === ATTEMPTS || !isStoreError(error, 'changed_meanwhile')) throw error
    }
  }
}

/** What the store refuses, as LiteLLM's clients know it. */
async function inOurWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isStoreError(error, 'already_exists'))
      throw badRequest('There is one with this id or name already. Use another one, or update it.')
    if (isStoreError(error, 'changed_meanwhile')) throw versionConflict('It')
    throw error
  }
}
