import { storeError } from '../store-error.ts'

/** What Prisma reads from a URL and `pg` does not: LiteLLM's users have such URLs. */
const prismaOnly = [
  'schema',
  'connection_limit',
  'pool_timeout',
  'connect_timeout',
  'socket_timeout',
  'statement_cache_size',
  'pgbouncer',
  'sslaccept',
]

/** Whether a URL leads to PostgreSQL. */
export function isPostgresUrl(url: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(url)
}

/**
 * What `pg` connects by. `sslmode` means what it means to `psql`.
 *
 * @throws `db_unavailable` when it is no URL of PostgreSQL; the message does not repeat it.
 */
export function connectionStringOf(url: string): string {
  const parsed = URL.parse(url)
  if (parsed === null || !isPostgresUrl(url))
    throw storeError(
      'db_unavailable',
      'The database URL is not of the form postgresql://user:password@host/db.',
    )
  for (const name of prismaOnly) parsed.searchParams.delete(name)
  if (parsed.searchParams.has('sslmode') && !parsed.searchParams.has('uselibpqcompat'))
    parsed.searchParams.set('uselibpqcompat', 'true')
  return parsed.toString()
}

/** The schema that `?schema=` names, as in Prisma's URLs, when it is not the usual one. */
export function schemaOf(url: string): string | undefined {
  const schema = URL.parse(url)?.searchParams.get('schema')
  if (schema == null || schema === '' || schema === 'public') return undefined
  if (!/^\w+$/.test(schema))
    throw storeError('db_unavailable', 'The schema in the database URL may have letters, digits and _ only.')
  return schema
}
