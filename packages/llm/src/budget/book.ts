import { formatUsd, picoUsdFromUsd } from '../catalog/money.ts'
import { createError } from '../errors.ts'
import type { Duration } from './duration.ts'
import { readDuration, windowStart } from './duration.ts'

/** The budget of one user. */
export interface Account {
  totalPicoUsd: bigint
  spentPicoUsd: bigint
  byModelPicoUsd: Map<string, bigint>
  createdMs: number
  /** Since when `spent` counts. */
  sinceMs: number
  duration?: string | undefined
}

export type Book = Map<string, Account>

/** What LiteLLM keeps, but for amounts: they are decimal text, so that they stay exact. */
interface KeptAccount {
  total_budget: string | number
  current_cost: string | number
  model_cost: Record<string, string | number>
  created_at: number
  last_updated_at: number
  duration?: string | number | undefined
}

/** The book as text. Times are seconds. */
export function writeBook(book: Book): string {
  const kept: Record<string, KeptAccount> = {}
  for (const [user, account] of book)
    kept[user] = {
      total_budget: formatUsd(account.totalPicoUsd),
      current_cost: formatUsd(account.spentPicoUsd),
      model_cost: Object.fromEntries(
        [...account.byModelPicoUsd].map(([model, picoUsd]) => [model, formatUsd(picoUsd)]),
      ),
      created_at: account.createdMs / 1000,
      last_updated_at: account.sinceMs / 1000,
      ...(account.duration === undefined ? {} : { duration: account.duration }),
    }
  return `${JSON.stringify(kept, null, 2)}\n`
}

/**
 * The book of a text, of ours or of LiteLLM's `user_cost.json`, which has numbers, and seconds for durations.
 *
 * @throws `bad_request` for a text that is none.
 */
export function readBook(text: string): Book {
  const book: Book = new Map()
  try {
    const kept = JSON.parse(text) as Record<string, Partial<KeptAccount>>
    for (const [user, account] of Object.entries(kept)) book.set(user, readAccount(account))
  } catch (error) {
    const message = `What the budget manager's storage holds cannot be read: ${error instanceof Error ? error.message : String(error)}. Mend it, or move it away to begin anew`
    throw createError({ code: 'bad_request', message, cause: error })
  }
  return book
}

function readAccount(kept: Partial<KeptAccount>): Account {
  const createdMs = (kept.created_at ?? 0) * 1000
  const duration = typeof kept.duration === 'number' ? `${kept.duration}s` : kept.duration
  if (duration !== undefined) readDuration(duration)
  return {
    totalPicoUsd: picoUsdFromUsd(kept.total_budget ?? ''),
    spentPicoUsd: picoUsdFromUsd(kept.current_cost ?? 0),
    byModelPicoUsd: new Map(
      Object.entries(kept.model_cost ?? {}).map(([model, usd]) => [model, picoUsdFromUsd(usd)]),
    ),
    createdMs,
    sinceMs: kept.last_updated_at === undefined ? createdMs : kept.last_updated_at * 1000,
    ...(duration === undefined ? {} : { duration }),
  }
}

export function openAccount(totalPicoUsd: bigint, duration: string | undefined, nowMs: number): Account {
  if (duration !== undefined) readDuration(duration)
  return {
    totalPicoUsd,
    spentPicoUsd: 0n,
    byModelPicoUsd: new Map(),
    createdMs: nowMs,
    sinceMs: nowMs,
    ...(duration === undefined ? {} : { duration }),
  }
}

export function charge(account: Account, model: string, picoUsd: bigint): void {
  account.spentPicoUsd += picoUsd
  account.byModelPicoUsd.set(model, (account.byModelPicoUsd.get(model) ?? 0n) + picoUsd)
}

export function clear(account: Account, sinceMs: number): void {
  account.spentPicoUsd = 0n
  account.byModelPicoUsd = new Map()
  account.sinceMs = sinceMs
}

/** Begins anew where the account's time is over. Whether it has. */
export function turn(account: Account, nowMs: number): boolean {
  if (account.duration === undefined) return false
  const duration: Duration = readDuration(account.duration)
  const startMs = windowStart(account.createdMs, duration, nowMs)
  if (startMs <= account.sinceMs) return false
  clear(account, startMs)
  return true
}
