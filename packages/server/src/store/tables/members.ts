import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { OrganizationMemberData, TeamMemberData } from '../data.ts'
import type { Queries } from '../database.ts'

interface MemberData {
  team_members: TeamMemberData
  organization_members: OrganizationMemberData
}

export type MemberTableName = keyof MemberData

/** Who belongs to a team or an organization, and what they may do there. */
export interface Member<T extends MemberTableName> {
  /** Of the team or the organization. */
  groupId: string
  userId: string
  role: string
  data: MemberData[T]
  createdMs: number
}

/** Every query runs in what it is given: `database.kysely`, or a transaction. */
export interface MemberTable<T extends MemberTableName> {
  get: (queries: Queries, groupId: string, userId: string) => Promise<Member<T> | undefined>
  /** The members of these groups, those who came first in front. */
  ofGroups: (queries: Queries, groupIds: readonly string[]) => Promise<Member<T>[]>
  /** Where these users belong. */
  ofUsers: (queries: Queries, userIds: readonly string[]) => Promise<Member<T>[]>
  /** @throws `already_exists` */
  insert: (queries: Queries, member: Member<T>) => Promise<void>
  /** Role and data. False: there is no such member. */
  update: (queries: Queries, member: Member<T>) => Promise<boolean>
  /** False: there was no such member. */
  delete: (queries: Queries, groupId: string, userId: string) => Promise<boolean>
  deleteGroups: (queries: Queries, groupIds: readonly string[]) => Promise<void>
  deleteUsers: (queries: Queries, userIds: readonly string[]) => Promise<void>
}

const groupColumns: Readonly<Record<MemberTableName, string>> = {
  team_members: 'team_id',
  organization_members: 'organization_id',
}

export function memberTable<T extends MemberTableName>(name: T): MemberTable<T> {
  const table = name as typeof anyTable
  const group = sql.ref<string>(groupColumns[name])
  const read = (row: MemberRow & { group_id: string }): Member<T> => ({
    groupId: row.group_id,
    userId: row.user_id,
    role: row.role,
    data: JSON.parse(row.data) as MemberData[T],
    createdMs: row.created_ms,
  })
  const select = (queries: Queries) =>
    common(queries)
      .selectFrom(table)
      .select([group.as('group_id'), 'user_id', 'role', 'data', 'created_ms'])
      .orderBy('created_ms')
      .orderBy('user_id')

  return {
    get: async (queries, groupId, userId) => {
      const row = await select(queries)
        .where(group, '=', groupId)
        .where('user_id', '=', userId)
        .executeTakeFirst()
      return row === undefined ? undefined : read(row)
    },
    ofGroups: async (queries, groupIds) =>
      groupIds.length === 0 ? [] : (await select(queries).where(group, 'in', groupIds).execute()).map(read),
    ofUsers: async (queries, userIds) =>
      userIds.length === 0 ? [] : (await select(queries).where('user_id', 'in', userIds).execute()).map(read),
    insert: async (queries, { groupId, userId, role, data, createdMs }) => {
      const columns = { user_id: userId, role, data: JSON.stringify(data), created_ms: createdMs }
      await common(queries)
        .insertInto(table)
        .values({ ...columns, [groupColumns[name]]: groupId })
        .execute()
    },
    update: async (queries, { groupId, userId, role, data }) => {
      const { numUpdatedRows } = await common(queries)
        .updateTable(table)
        .set({ role, data: JSON.stringify(data) })
        .where(group, '=', groupId)
        .where('user_id', '=', userId)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    delete: async (queries, groupId, userId) => {
      const { numDeletedRows } = await common(queries)
        .deleteFrom(table)
        .where(group, '=', groupId)
        .where('user_id', '=', userId)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },
    deleteGroups: async (queries, groupIds) => {
      if (groupIds.length > 0) await common(queries).deleteFrom(table).where(group, 'in', groupIds).execute()
    },
    deleteUsers: async (queries, userIds) => {
      if (userIds.length > 0)
        await common(queries).deleteFrom(table).where('user_id', 'in', userIds).execute()
    },
  }
}

/** The types of queries see one table, with the columns that both have. */
const anyTable = 'team_members'
interface MemberRow {
  user_id: string
  role: string
  data: string
  created_ms: number
}

function common(queries: Queries): Kysely<{ [anyTable]: MemberRow }> {
  return queries as Kysely<{ [anyTable]: MemberRow }>
}
