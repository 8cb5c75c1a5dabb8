import { usdFromPicoUsd } from '../catalog/money.ts'
import { createError } from '../errors.ts'
import { usd } from './estimate.ts'

/** Money that calls take from while they are open, and pay with when they are over. Amounts in pico-USD. */
export interface Purse {
  spentPicoUsd: bigint
  heldPicoUsd: bigint
}

export function createPurse(): Purse {
  return { spentPicoUsd: 0n, heldPicoUsd: 0n }
}

/** What every client of the process has spent. */
export const processPurse: Purse = createPurse()

/** What the process has spent on models so far, in USD; calls of unknown price are not in it. */
export function currentCost(): number {
  return usdFromPicoUsd(processPurse.spentPicoUsd)
}

/**
 * Sets an amount aside, if with everything spent and set aside it is within the budget.
 *
 * @throws `budget_exceeded`
 */
export function hold(purse: Purse, amount: bigint, budget: bigint): void {
  const { spentPicoUsd, heldPicoUsd } = purse
  if (spentPicoUsd + heldPicoUsd + amount > budget)
    throw createError({
      code: 'budget_exceeded',
      message: `Budget has been exceeded: of max_budget ${usd(budget)}, ${usd(spentPicoUsd)} is spent, ${usd(heldPicoUsd)} set aside for calls under way, and this one may cost ${usd(amount)}. A smaller max_tokens makes it cost less`,
      param: 'max_budget',
    })
  purse.heldPicoUsd += amount
}

/** Replaces what was set aside by what was paid. */
export function pay(purse: Purse, held: bigint, paid: bigint): void {
  purse.heldPicoUsd -= held
  purse.spentPicoUsd += paid
}
