import { describe, expect, it } from 'vitest'
import type { AuditRow } from '../schema.ts'
import { testDatabases } from '../testing/databases.ts'
import { countAudit, insertAudit, listAudit } from './audit.ts'

function change(id: string, atMs: number, objectId: string): AuditRow {
  return {
    id,
    at_ms: atMs,
    actor_key: 'master',
    actor_user_id: null,
    action: 'updated',
    object_kind: 'key',
    object_id: objectId,
    before: '{"blocked":false}',
    after: '{"blocked":true}',
    request_id: 'r1',
  }
}

describe.each(testDatabases)('the audit log in $dialect', ({ open }) => {
  it('gives the newest first', async () => {
    const { kysely } = await open()
    const [old, middle, young] = [change('1', 1, 'a'), change('2', 2, 'b'), change('3', 2, 'a')]
    await insertAudit(kysely, [old, middle, young])
    await insertAudit(kysely, [])
    expect(await listAudit(kysely, { limit: 2 })).toEqual([young, middle])
    expect(await listAudit(kysely, { limit: 2, offset: 2 })).toEqual([old])
    expect(await listAudit(kysely, { limit: 9, where: { object_id: 'a', at_ms: { to: 1 } } })).toEqual([old])
    expect(await countAudit(kysely, { object_id: 'a' })).toBe(2)
  })
})
