import type { Queries } from '../store/database.ts'
import type { Resource } from '../store/tables/resources.ts'

type Customer = Resource<'customers'>

// LiteLLM makes a customer of every end user who spends. Here the ledger knows them, and a row is made when somebody
// has something to say about them.

/** An end user who has spent and is no customer yet. */
export async function findSeen(db: Queries, id: string): Promise<Customer | undefined> {
  const spent = await db
    .selectFrom('balances')
    .select('scope_id')
    .where('scope_kind', '=', 'end_user')
    .where('scope_id', '=', id)
    .limit(1)
    .executeTakeFirst()
  return spent === undefined ? undefined : unmade(id)
}

/** All of them, at most so many. */
export async function listSeen(db: Queries, limit: number): Promise<Customer[]> {
  if (limit <= 0) return []
  const spent = await db
    .selectFrom('balances')
    .select('scope_id')
    .distinct()
    .where('scope_kind', '=', 'end_user')
    .where('scope_id', 'not in', db.selectFrom('customers').select('id'))
    .orderBy('scope_id')
    .limit(limit)
    .execute()
  return spent.map(({ scope_id: id }) => unmade(id))
}

function unmade(id: string): Customer {
  return {
    id,
    budget_id: null,
    data: {},
    created_ms: 0,
    created_by: null,
    updated_ms: 0,
    updated_by: null,
    // No row has it: they are numbered from 1.
    version: 0,
  }
}
