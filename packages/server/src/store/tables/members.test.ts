import { describe, expect, it } from 'vitest'
import { testDatabases } from '../testing/databases.ts'
import { memberTable } from './members.ts'
import type { Member } from './members.ts'

const members = memberTable('team_members')

function member(groupId: string, userId: string, createdMs: number): Member<'team_members'> {
  return { groupId, userId, role: 'user', data: { max_budget: 1 }, createdMs }
}

describe.each(testDatabases)('members in $dialect', ({ open }) => {
  it('knows who belongs where', async () => {
    const { kysely } = await open()
    const [first, second, other] = [member('t1', 'u2', 1), member('t1', 'u1', 2), member('t2', 'u1', 3)]
    for (const one of [other, second, first]) await members.insert(kysely, one)
    expect(await members.ofGroups(kysely, ['t1'])).toEqual([first, second])
    expect(await members.ofUsers(kysely, ['u1'])).toEqual([second, other])
    expect(await members.get(kysely, 't1', 'u2')).toEqual(first)
    expect(await members.get(kysely, 't2', 'u2')).toBeUndefined()
    await expect(members.insert(kysely, first)).rejects.toMatchObject({ reason: 'already_exists' })

    const admin = { ...first, role: 'admin', data: {} }
    expect(await members.update(kysely, admin)).toBe(true)
    expect(await members.get(kysely, 't1', 'u2')).toEqual(admin)
    expect(await members.update(kysely, member('t3', 'u2', 1))).toBe(false)

    expect(await members.delete(kysely, 't1', 'u2')).toBe(true)
    expect(await members.delete(kysely, 't1', 'u2')).toBe(false)
    await members.deleteGroups(kysely, ['t2'])
    expect(await members.ofUsers(kysely, ['u1'])).toEqual([second])
    await members.deleteUsers(kysely, ['u1'])
    expect(await members.ofGroups(kysely, ['t1', 't2'])).toEqual([])
  })
})
