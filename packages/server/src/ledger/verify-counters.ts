import type { Selectable } from 'kysely'
import type { Counters } from '../policy/counters.ts'
import type { Scope, ScopeKind } from '../policy/scope.ts'
import { scopeName } from '../policy/scope.ts'
import type { Database } from '../store/database.ts'
import type { BalanceRow } from '../store/schema.ts'
import type { Drift } from './drift.ts'

type Balance = Selectable<BalanceRow>

const BALANCES_AT_ONCE = 500

/** Balances that the counters do not agree with, at most about `limit`. */
export async function counterDrifts(
  database: Database,
  counters: Pick<Counters, 'read'>,
  limit: number,
): Promise<Drift[]> {
  const drifts: Drift[] = []
  let page = await balancesAfter(database, undefined)
  while (page.length > 0 && drifts.length < limit) {
    const states = await counters.read(page.map((row) => ({ scope: scopeOf(row), windowId: row.window_id })))
    for (const [index, row] of page.entries()) {
      const foundPicoUsd = states[index]?.settledPicoUsd ?? 0n
      if (foundPicoUsd === row.settled_pico_usd) continue
      drifts.push({
        in: 'counters',
        scope: scopeName(scopeOf(row)),
        period: row.window_id,
        expectedPicoUsd: row.settled_pico_usd,
        foundPicoUsd,
        expectedRequests: row.requests,
        foundRequests: row.requests,
      })
    }
    page = await balancesAfter(database, page.at(-1))
  }
  return drifts
}

async function balancesAfter({ kysely }: Database, last: Balance | undefined): Promise<Balance[]> {
  const query = kysely
    .selectFrom('balances')
    .selectAll()
    .orderBy('scope_kind')
    .orderBy('scope_id')
    .orderBy('window_id')
    .limit(BALANCES_AT_ONCE)
  if (last === undefined) return await query.execute()
  return await query
    .where(({ eb, refTuple, tuple }) =>
      eb(
        refTuple('scope_kind', 'scope_id', 'window_id'),
        '>',
        tuple(last.scope_kind, last.scope_id, last.window_id),
      ),
    )
    .execute()
}

function scopeOf(row: Balance): Scope {
  return { kind: row.scope_kind as ScopeKind, id: row.scope_id }
}
