import type { CallRecord } from '../callbacks/record.ts'
import { unknownPrice } from '../catalog/unknown-price.ts'
import type { Rates } from '../types/model.ts'
import type { ClientCore } from './core.ts'
import { largest, mostCallPicoUsd, outputBoundOf, readAmount } from './estimate.ts'
import type { Purse } from './purse.ts'
import { hold, pay, processPurse } from './purse.ts'
import { configured, settingOf } from './settings.ts'

/** Ends a hold when the call is over; what fails to be kept is thrown. */
export type Settle = () => Promise<void>

/** Prices that may hold for a call: of its model, and of each that may answer instead. */
export type PriceList = (params: Readonly<Record<string, unknown>>) => readonly (Rates | undefined)[]

/** What an answer without a bound of its own is taken to be, at most; the longest are rare. */
const USUAL_OUTPUT_TOKENS = 4_096

/**
 * Sets aside, in every budget that the call counts in, the most it is taken to cost.
 *
 * @throws `budget_exceeded` before anything is spent; `unknown_price` where there is a budget and nobody knows what
 * the model costs.
 */
export async function reserve(
  core: ClientCore,
  record: CallRecord,
  params: Readonly<Record<string, unknown>>,
  prices: PriceList,
): Promise<Settle> {
  const manager = settingOf(core.settings, 'budget_manager')
  const user = typeof params['user'] === 'string' ? params['user'] : undefined
  const budgets: readonly [Purse, number | string | undefined][] = [
    [core.purse, core.settings.max_budget],
    [processPurse, configured().max_budget],
  ]
  const isManaged = manager !== undefined && user !== undefined && (await manager.isValidUser(user))
  const isLimited = isManaged || budgets.some(([, budget]) => budget !== undefined)
  const amount = isLimited ? mostOf(record, params, prices(params)) : 0n
  const held: Purse[] = []
  try {
    for (const [purse, budget] of budgets) {
      if (budget === undefined) continue
      hold(purse, amount, readAmount(budget, 'max_budget'))
      held.push(purse)
    }
    if (isManaged) await manager.holdPicoUsd(user, amount)
  } catch (error) {
    for (const purse of held) pay(purse, amount, 0n)
    throw error
  }
  return async () => {
    const paid = record.cost?.totalPicoUsd ?? 0n
    for (const [purse] of budgets) pay(purse, held.includes(purse) ? amount : 0n, paid)
    if (isManaged) await manager.settlePicoUsd(user, amount, record.served?.model ?? record.model, paid)
  }
}

function mostOf(
  { callType }: CallRecord,
  params: Readonly<Record<string, unknown>>,
  prices: readonly (Rates | undefined)[],
): bigint {
  const outputTokens = outputBoundOf(callType, params) ?? USUAL_OUTPUT_TOKENS
  return largest(
    prices.map((rates) => {
      if (rates === undefined) throw unknownPrice(String(params['model']))
      return mostCallPicoUsd(rates, params, outputTokens)
    }),
  )
}
