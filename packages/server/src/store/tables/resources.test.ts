import { beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../database.ts'
import { testDatabases } from '../testing/databases.ts'
import type { Filter } from './filter.ts'
import { resourceTable } from './resources.ts'
import type { ListQuery, Resource } from './resources.ts'

const keys = resourceTable('keys')

function key(id: string, columns: Partial<Resource<'keys'>> = {}): Resource<'keys'> {
  return {
    id,
    alias: null,
    user_id: null,
    team_id: null,
    organization_id: null,
    budget_id: null,
    expires_ms: null,
    created_ms: 1,
    created_by: null,
    updated_ms: 1,
    updated_by: null,
    version: 1,
    data: { models: ['gpt-*'], max_budget: 0.1 },
    ...columns,
  }
}

describe.each(testDatabases)('resources in $dialect', ({ open }) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
    const rows = [
      key('a', { alias: 'Alpha_1', user_id: 'u1', created_ms: 1, expires_ms: 50 }),
      key('b', { alias: 'beta%', user_id: 'u1', team_id: 't1', created_ms: 2 }),
      key('c', { alias: 'ALPHA 2', team_id: 't1', created_ms: 3, expires_ms: 70 }),
      key('d', { team_id: 't2', created_ms: 3 }),
    ]
    for (const row of rows) await keys.insert(database.kysely, row)
  })

  it('reads what was written', async () => {
    expect(await keys.get(database.kysely, 'a')).toEqual(
      key('a', { alias: 'Alpha_1', user_id: 'u1', created_ms: 1, expires_ms: 50 }),
    )
    expect(await keys.get(database.kysely, 'nobody')).toBeUndefined()
    expect([...(await keys.getMany(database.kysely, ['d', 'nobody', 'a'])).keys()].sort()).toEqual(['a', 'd'])
  })

  const lists: readonly [name: string, query: ListQuery<'keys'>, ids: string][] = [
    ['everything, the newest first', {}, 'dcba'],
    ['a value', { where: { user_id: 'u1' } }, 'ba'],
    ['no value', { where: { user_id: null } }, 'dc'],
    ['what is undefined does not count', { where: { user_id: undefined, team_id: 't2' } }, 'd'],
    ['any of several', { where: { team_id: ['t1', 't2'] } }, 'dcb'],
    ['any of none', { where: { team_id: [] } }, ''],
    ['all conditions', { where: { team_id: 't1', user_id: 'u1' } }, 'b'],
    ['any filter', { where: [{ user_id: 'u1' }, { team_id: 't2' }] }, 'dba'],
    ['no filter of none', { where: [] }, ''],
    ['a part of a text in any case', { where: { alias: { contains: 'alpha' } } }, 'ca'],
    ['wildcards are plain characters', { where: { alias: { contains: '%' } } }, 'b'],
    ['a range', { where: { expires_ms: { from: 50, to: 69 } } }, 'a'],
    ['another order, the empty last', { orderBy: 'expires_ms', direction: 'asc' }, 'acbd'],
    ['another order backwards, the empty last', { orderBy: 'expires_ms' }, 'cadb'],
    ['a page', { limit: 2, offset: 1 }, 'cb'],
  ]
  it.each(lists)('lists %s', async (_, query, ids) => {
    const found = await keys.list(database.kysely, query)
    expect(found.map(({ id }) => id).join('')).toBe(ids)
    const { limit, where } = query
    if (limit === undefined) expect(await keys.count(database.kysely, where)).toBe(ids.length)
  })

  it('takes a filter of any resource', async () => {
    const filter: Filter<Pick<Resource<'teams'>, 'alias'>> = { alias: 'a team' }
    expect(await resourceTable('teams').count(database.kysely, filter)).toBe(0)
  })

  it('does not overwrite what somebody else changed', async () => {
    await keys.insert(database.kysely, key('e'))
    const mine = await keys.get(database.kysely, 'e')
    if (mine === undefined) throw new Error('it was just written')
    const next = await keys.update(database.kysely, { ...mine, alias: 'first', data: { models: [] } })
    expect(next).toMatchObject({ version: 2, alias: 'first' })
    expect(await keys.get(database.kysely, 'e')).toEqual(next)
    await expect(keys.update(database.kysely, { ...mine, alias: 'second' })).rejects.toMatchObject({
      reason: 'changed_meanwhile',
      status: 409,
    })
    expect(await keys.delete(database.kysely, ['e', 'nobody'])).toBe(1)
  })

  it('keeps aliases unique', async () => {
    await expect(keys.insert(database.kysely, key('f', { alias: 'beta%' }))).rejects.toMatchObject({
      reason: 'already_exists',
    })
  })

  it('takes part in a transaction', async () => {
    const failing = database.transaction(async (trx) => {
      await keys.delete(trx, ['a'])
      throw new Error('no more')
    })
    await expect(failing).rejects.toThrow('no more')
    expect(await keys.get(database.kysely, 'a')).toBeDefined()
  })
})
