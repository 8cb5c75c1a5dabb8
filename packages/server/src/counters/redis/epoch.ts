import type { BudgetLine } from '../../policy/counters.ts'
import { join as joinScript } from './scripts.ts'
import type { Script } from './scripts.ts'

/** A hold of this instance, with all that is needed to tell of it again. */
export interface KeptHold {
  readonly id: string
  readonly owner: string
  picoUsd: bigint
  readonly budgets: readonly BudgetLine[]
  readonly lines: { readonly b: readonly string[]; readonly t: readonly []; readonly p: readonly string[] }
  readonly opening: string
}

export interface EpochInput {
  readonly send: (script: Script, fields: object) => Promise<readonly unknown[]>
  readonly flushLedger: () => Promise<void>
  readonly newId: () => string
  readonly settleMs: number
  readonly heartbeatMs: number
  readonly sleep: (ms: number) => Promise<unknown>
  readonly register: (holds: readonly KeptHold[], epoch: string) => Promise<void>
}

/**
 * Knows whether Redis still has everything it was told. An epoch ends when Redis is flushed: the mark is gone with
 * all else. Then each instance brings what it has settled into the ledger, waits until the others had the time to
 * do so too, and tells again of what it holds; budgets begin anew from the ledger.
 */
export interface Epoch {
  readonly current: () => string
  readonly join: () => Promise<void>
  readonly keep: (hold: KeptHold) => void
  readonly held: (id: string) => KeptHold | undefined
  readonly drop: (id: string) => void
  readonly stop: () => void
}

/** Holds told in one call. */
const AT_ONCE = 200

export function createEpoch(input: EpochInput): Epoch {
  const { send, settleMs } = input
  const holds = new Map<string, KeptHold>()
  let current = ''
  let joining: Promise<void> | undefined

  async function look(): Promise<readonly [epoch: string, waitMs: number]> {
    const lost = current !== ''
    const [epoch, waitMs] = await send(joinScript, { fresh: input.newId(), lost, settleMs })
    return [String(epoch), Number(waitMs)]
  }

  async function enter(): Promise<void> {
    const [epoch, waitMs] = await look()
    if (epoch === current) return
    if (waitMs > 0) {
      await input.flushLedger()
      await input.sleep(waitMs)
    }
    const all = [...holds.values()]
    for (let start = 0; start < all.length; start += AT_ONCE)
      await input.register(all.slice(start, start + AT_ONCE), epoch)
    current = epoch
  }

  const join = async (): Promise<void> => {
    joining ??= enter().finally(() => {
      joining = undefined
    })
    await joining
  }

  // An instance whose requests take long would hear of it too late by its own calls.
  const heart = setInterval(() => {
    if (holds.size > 0 && joining === undefined) join().catch(() => undefined)
  }, input.heartbeatMs)
  heart.unref()

  return {
    current: () => current,
    join,
    keep: (hold) => void holds.set(hold.id, hold),
    held: (id) => holds.get(id),
    drop: (id) => void holds.delete(id),
    stop: () => clearInterval(heart),
  }
}
