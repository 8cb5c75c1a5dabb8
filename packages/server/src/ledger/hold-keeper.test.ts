import { beforeEach, describe, expect, it } from 'vitest'
import type { Counters, Orphan, Settlement } from '../policy/counters.ts'
import type { LedgerRecord } from './entry.ts'
import { keepHolds } from './hold-keeper.ts'
import { NOON_MS, opening } from './testing/records.ts'

describe('keeping holds', () => {
  let settled: Settlement[]
  let written: LedgerRecord[]
  beforeEach(() => {
    settled = []
    written = []
  })

  /** @param by who the request was made by; who held it last may be somebody else. */
  const orphan = (requestId: string, by = 'gone'): Orphan => {
    const { holdPicoUsd, ...rest } = opening(requestId, { owner: by })
    return { requestId, owner: 'gone', holdPicoUsd, opening: JSON.stringify(rest) }
  }

  const run = async (
    orphans: readonly Orphan[],
    known: Record<string, Pick<Settlement, 'costPicoUsd' | 'isPresumed'>> = {},
  ): Promise<void> => {
    const counters: Pick<Counters, 'renew' | 'takeOrphans' | 'settle'> = {
      renew: () => {},
      takeOrphans: () => Promise.resolve(orphans),
      settle: (settlement) => void settled.push(settlement),
    }
    const holds = keepHolds({
      counters: counters as Counters,
      ledger: { open: (record) => void written.push(record), close: (record) => void written.push(record) },
      find: (requestId) => Promise.resolve(known[requestId]),
      owner: 'here',
      leaseMs: 60_000,
      nowMs: () => NOON_MS,
      log: { warn: () => {}, info: () => {} },
    })
    await holds.run()
    holds.stop()
  }

  it('settles those of a process that is gone: by what its requests came to, or else by what was held', async () => {
    await run([orphan('ended'), orphan('open')], { ended: { costPicoUsd: 5n, isPresumed: false } })
    expect(settled).toMatchObject([
      { requestId: 'ended', isPresumed: false, costPicoUsd: 5n },
      { requestId: 'open', isPresumed: true, costPicoUsd: 1_000_000n },
    ])
    expect(written.map(({ type, requestId }) => `${type} ${requestId}`)).toEqual([
      'opening open',
      'closing open',
    ])
  })

  it('never ends a request of its own that another process had taken over, and left', async () => {
    await run([orphan('mine', 'here'), orphan('open')])
    expect(settled).toMatchObject([{ requestId: 'open' }])
    expect(written.map(({ requestId }) => requestId)).toEqual(['open', 'open'])
  })
})
