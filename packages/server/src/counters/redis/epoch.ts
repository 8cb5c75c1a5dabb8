import { CountersUnavailable } from '../../policy/counters.ts'
import type { BudgetLine } from '../../policy/counters.ts'
import { join as joinScript, step as stepScript } from './scripts.ts'
import type { Script } from '../../redis/script.ts'

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
  readonly sleep: (ms: number) => Promise<unknown>
  readonly register: (holds: readonly KeptHold[], epoch: string) => Promise<void>
  /** How often an instance says that it lives, and looks whether everything was lost. */
  readonly heartbeatMs: number
  /** How long to wait for an instance that was heard of before a loss, and not since. */
  readonly patienceMs: number
}

/**
 * Knows whether Redis still has everything it was told. An epoch ends when Redis is flushed: its mark is gone with all
 * else. Then every instance brings what it has settled into the ledger, waits until all have, tells again of what it
 * holds, and waits until all have; only then anybody spends more. Budgets begin anew from the ledger.
 */
export interface Epoch {
  readonly current: () => string
  readonly join: () => Promise<void>
  /** How many live, this one included. */
  readonly instances: () => number
  readonly keep: (hold: KeptHold) => void
  readonly held: (id: string) => KeptHold | undefined
  readonly drop: (id: string) => void
  readonly stop: () => void
}

/** Holds told in one call. */
const AT_ONCE = 200
const POLL_MS = 20
/** A request waits no longer than this. */
const LONGEST_JOIN_MS = 2_000

export function createEpoch(input: EpochInput): Epoch {
  const { send, patienceMs } = input
  const me = input.newId()
  const holds = new Map<string, KeptHold>()
  let current = ''
  let instances = 1
  let joining: Promise<void> | undefined

  async function look(): Promise<readonly [epoch: string, isReady: boolean]> {
    const lost = current === '' ? {} : { expected: instances }
    const [epoch, members, isReady] = await send(joinScript, {
      me,
      fresh: input.newId(),
      patienceMs,
      ...lost,
    })
    instances = Number(members)
    return [String(epoch), isReady === 1]
  }

  async function enter(): Promise<void> {
    const [epoch, isReady] = await look()
    if (epoch === current) return
    if (current !== '' || !isReady) await input.flushLedger()
    if (!isReady) await takeStep('flushed', epoch)
    const all = [...holds.values()]
    for (let start = 0; start < all.length; start += AT_ONCE)
      await input.register(all.slice(start, start + AT_ONCE), epoch)
    if (!isReady) await takeStep('told', epoch)
    current = epoch
  }

  /** Until all have taken it too. When everything is lost once more, the next call finds out. */
  async function takeStep(step: 'flushed' | 'told', epoch: string): Promise<void> {
    for (let waitedMs = 0; waitedMs < 2 * patienceMs; waitedMs += POLL_MS) {
      const [word, isReady] = await send(stepScript, { me, step, epoch, patienceMs })
      if (word === 'epoch' || isReady === 1) return
      await input.sleep(POLL_MS)
    }
    throw away('another instance cannot bring what it settled into the ledger')
  }

  const join = async (): Promise<void> => {
    joining ??= enter().finally(() => {
      joining = undefined
    })
    await joining
  }

  const beat = async (): Promise<void> => {
    const [epoch] = await look()
    if (epoch !== current) await join()
  }
  const heart = setInterval(() => void beat().catch(() => undefined), input.heartbeatMs)
  heart.unref()

  return {
    current: () => current,
    join: async () => {
      const late = input.sleep(LONGEST_JOIN_MS).then(() => {
        throw away('instances still tell each other what they hold')
      })
      late.catch(() => undefined)
      await Promise.race([join(), late])
    },
    instances: () => instances,
    keep: (hold) => void holds.set(hold.id, hold),
    held: (id) => holds.get(id),
    drop: (id) => void holds.delete(id),
    stop: () => clearInterval(heart),
  }
}

function away(why: string): CountersUnavailable {
  return new CountersUnavailable(`Redis has lost everything, and ${why}.`, { wasAsked: false })
}
