import { expect, it } from 'vitest'
import type { Counters, Settlement } from '../policy/counters.ts'
import type { LedgerRecord } from './entry.ts'
import { keepHolds } from './hold-keeper.ts'
import { NOON_MS, opening } from './testing/records.ts'

it('settles holds of a process that is gone: by what its requests came to, or else by what was held', async () => {
  const settled: Settlement[] = []
  const written: LedgerRecord[] = []
  const orphan = (requestId: string) => {
    const { holdPicoUsd, ...rest } = opening(requestId, { owner: 'gone' })
    return { requestId, owner: 'gone', holdPicoUsd, opening: JSON.stringify(rest) }
  }
  const counters: Pick<Counters, 'renew' | 'takeOrphans' | 'settle'> = {
    renew: () => {},
    takeOrphans: () => Promise.resolve([orphan('ended'), orphan('open')]),
    settle: (settlement) => void settled.push(settlement),
  }
  const holds = keepHolds({
    counters: counters as Counters,
    ledger: { open: (record) => void written.push(record), close: (record) => void written.push(record) },
    find: (requestId) =>
      Promise.resolve(requestId === 'ended' ? { state: 'settled', costPicoUsd: 5n } : undefined),
    owner: 'here',
    leaseMs: 60_000,
    nowMs: () => NOON_MS,
    log: { warn: () => {}, info: () => {} },
  })
  await holds.run()
  holds.stop()
  expect(settled).toMatchObject([
    { requestId: 'ended', state: 'settled', costPicoUsd: 5n },
    { requestId: 'open', state: 'estimated', costPicoUsd: 1_000_000n },
  ])
  expect(written.map(({ type, requestId }) => `${type} ${requestId}`)).toEqual([
    'opening open',
    'closing open',
  ])
})
