import { limitsOfKey } from '../../auth/principal-limits.ts'
import type { Resource } from '../../store/tables/resources.ts'
import type { Admin } from '../admin.ts'
import { budgetsOf } from '../budget-table.ts'
import { badRequest, forbidden } from '../refusals.ts'
import { newStartMs, startSpending } from '../spending.ts'
import type { Work } from '../work.ts'
import { administersKey } from './access.ts'
import { renderOne } from './render.ts'

type Key = Resource<'keys'>

/** Lets the spend of a key count anew, from an amount. What was spent before stays in the ledger. */
export async function resetSpend(
  key: Key,
  spendUsd: number,
  work: Work,
  admin: Admin,
): Promise<Record<string, unknown>> {
  if (!administersKey(work.principal, key))
    throw forbidden('Only an administrator of this key may reset its spend.', 'key')
  const before = await renderOne(key, work, admin)
  if (spendUsd > Number(before['spend']))
    throw badRequest(
      `reset_to (${spendUsd}) must be at most what was spent (${String(before['spend'])}).`,
      'reset_to',
    )
  const data = { ...key.data, budget_since_ms: newStartMs(key, work.nowMs) }
  const updated = await work.update('keys', key, { data })
  await restartSpending(updated, spendUsd, work, admin)
  const after = await renderOne(updated, work, admin)
  return {
    key_hash: key.id,
    spend: after['spend'],
    previous_spend: before['spend'],
    max_budget: after['max_budget'],
    budget_reset_at: after['budget_reset_at'],
  }
}

/** Begins the key's new window with an amount. */
export async function restartSpending(
  key: Key,
  spendUsd: number,
  work: Work,
  { settings }: Admin,
): Promise<void> {
  const limits = limitsOfKey(key, await budgetsOf([key], work), work.nowMs)
  await startSpending(work.db, limits, spendUsd, { nowMs: work.nowMs, timezone: settings.timezone })
}
