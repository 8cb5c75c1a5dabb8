import { describe, expect, it } from 'vitest'
import { connectionStringOf, isPostgresUrl, schemaOf } from './postgres-url.ts'

describe('the address of PostgreSQL', () => {
  it.each([
    ['as it is', 'postgresql://me:p%40ss@db:5433/gw', 'postgresql://me:p%40ss@db:5433/gw'],
    [
      'without what only Prisma reads',
      'postgres://db/gw?schema=a&connection_limit=5&pool_timeout=9&pgbouncer=true&application_name=x',
      'postgres://db/gw?application_name=x',
    ],
    [
      'with sslmode as psql takes it',
      'postgres://db/gw?sslmode=require',
      'postgres://db/gw?sslmode=require&uselibpqcompat=true',
    ],
  ])('%s', (_, url, expected) => expect(connectionStringOf(url)).toBe(expected))

  it.each(['mysql://me:pass-1234@db/gw', 'pass-1234', 'postgresql:pass-1234'])(
    'is not %s, and is not said',
    (url) => {
      expect(isPostgresUrl(url)).toBe(false)
      expect(() => connectionStringOf(url)).toThrow(/^(?!.*pass-1234).*postgresql:\/\/user:password@host\/db/)
    },
  )

  it.each([
    ['postgres://db/gw', undefined],
    ['postgres://db/gw?schema=public', undefined],
    ['postgres://db/gw?schema=', undefined],
    ['postgres://db/gw?schema=Gate_1', 'Gate_1'],
  ])('%s has the schema %s', (url, schema) => expect(schemaOf(url)).toBe(schema))

  it('takes no schema that would have to be quoted', () => {
    expect(() => schemaOf('postgres://db/gw?schema=a"b')).toThrow('letters, digits and _')
  })
})
