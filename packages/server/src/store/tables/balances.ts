import type { Queries } from '../database.ts'

/** A scope's window, as `BalanceRow` names it. */
interface BalanceKey {
  readonly scope: { readonly kind: string; readonly id: string }
  readonly windowId: string
}

/** What scopes have spent in windows by the ledger, in their order; 0 for what nobody has spent in. */
export async function readBalances(
  queries: Queries,
  keys: readonly BalanceKey[],
): Promise<readonly bigint[]> {
  const found = new Map<string, bigint>()
  for (const kind of new Set(keys.map(({ scope }) => scope.kind))) {
    const own = keys.filter(({ scope }) => scope.kind === kind)
    const rows = await queries
      .selectFrom('balances')
      .select(['scope_id', 'window_id', 'settled_pico_usd'])
      .where('scope_kind', '=', kind)
      .where('scope_id', 'in', [...new Set(own.map(({ scope }) => scope.id))])
      .where('window_id', 'in', [...new Set(own.map(({ windowId }) => windowId))])
      .execute()
    for (const row of rows) found.set(nameOf(kind, row.scope_id, row.window_id), row.settled_pico_usd)
  }
  return keys.map(({ scope, windowId }) => found.get(nameOf(scope.kind, scope.id, windowId)) ?? 0n)
}

function nameOf(...parts: readonly string[]): string {
  return JSON.stringify(parts)
}
