import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import type { Admission } from '../../policy/counters.ts'
import { exactHold } from '../../policy/hold.ts'
import { createBreaker } from '../breaker.ts'
import { createSteadyCounters } from '../steady.ts'
import { redisPlace, testRedis } from '../testing/redis.ts'
import { connectRedis } from './connect.ts'

const direct = testRedis()
const scope = { kind: 'key', id: 'k' } as const
const budget = { scope, windowId: 'all', maxPicoUsd: 100n }

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** Stands between a client and Redis, and freezes or cuts what passes. */
async function openWire(): Promise<{ url: string; freeze: () => void; thaw: () => void; cut: () => void }> {
  const { host = '127.0.0.1', port = 6379 } = direct.options
  const sockets = new Set<Socket>()
  let isFrozen = false
  let isCut = false
  const server: Server = createServer((client) => {
    if (isCut) return void client.destroy()
    const upstream = connect(port, host)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    }
    client.pipe(upstream).pipe(client)
    if (isFrozen) for (const socket of [client, upstream]) socket.pause()
    return undefined
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const destroyAll = (): void => sockets.forEach((socket) => void socket.destroy())
  closers.push(() => {
    destroyAll()
    server.close()
  })
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    freeze: () => {
      isFrozen = true
      for (const socket of sockets) socket.pause()
    },
    thaw: () => {
      isFrozen = false
      for (const socket of sockets) socket.resume()
    },
    cut: () => {
      isCut = true
      destroyAll()
    },
  }
}

async function start(url: string, allowUnchecked = false) {
  const redis = await connectRedis(url, { warn: () => undefined })
  closers.push(() => redis.disconnect())
  const clock = { ms: 0 }
  const changes: string[] = []
  const place = redisPlace(direct)
  const shared = place.open({
    redis,
    breaker: createBreaker({
      deadlineMs: 50,
      monotonicMs: () => clock.ms,
      random: () => 0,
      onChange: (state) => changes.push(state),
    }),
    heartbeatMs: 60_000,
  })
  const counters = createSteadyCounters({ shared, allowUnchecked, onDropped: () => undefined })
  return { counters, clock, changes, other: place.open() }
}

function ask(requestId: string, fields: Partial<Admission> = {}): Admission {
  return {
    requestId,
    owner: 'a',
    nowMs: 0,
    leaseMs: 30_000,
    rule: 'reserve',
    hold: exactHold(10n),
    budgets: [budget],
    rates: [],
    parallels: [],
    opening: () => '{}',
    ...fields,
  }
}

const rates = [{ scope, unit: 'requests', max: 1_000, amount: 1 }] as const

it('a Redis that freezes delays five requests by the deadline, and no other', async () => {
  const wire = await openWire()
  const { counters, clock, changes, other } = await start(wire.url)
  await counters.admit(ask('before'))
  wire.freeze()
  for (let index = 0; index < 5; index++)
    await expect(counters.admit(ask(`frozen${index}`))).rejects.toMatchObject({
      reason: 'ledger_unavailable',
    })
  expect(changes).toEqual(['open'])
  const begunMs = performance.now()
  for (let index = 0; index < 100; index++)
    expect(await counters.admit(ask(`${index}`, { budgets: [], rates }))).toMatchObject({ admitted: true })
  await counters.settle({ requestId: 'before', nowMs: 0, costPicoUsd: 7n, state: 'settled' })
  expect(performance.now() - begunMs).toBeLessThan(2_000)

  wire.thaw()
  clock.ms = 30_000
  // The frozen requests arrive now, though nobody waits for them; what they hold is let go.
  await expect
    .poll(
      async () => {
        await counters.renew('a', 0)
        clock.ms += 60_000
        return await other.read([budget])
      },
      { timeout: 10_000 },
    )
    .toEqual([{ settledPicoUsd: 7n, reservedPicoUsd: 0n }])
  expect(await counters.admit(ask('after'))).toMatchObject({ admitted: true })
})

it('a Redis that is cut off fails budgets closed and lets all else go on', async () => {
  const wire = await openWire()
  const { counters } = await start(wire.url)
  await counters.admit(ask('before'))
  wire.cut()
  await expect(counters.admit(ask('1'))).rejects.toMatchObject({ status: 503, reason: 'ledger_unavailable' })
  expect(await counters.admit(ask('2', { budgets: [], rates }))).toMatchObject({ admitted: true })
})

it('a Redis that is away at the start does not keep the gateway from starting', async () => {
  const wire = await openWire()
  wire.cut()
  const { counters } = await start(wire.url, true)
  expect(await counters.admit(ask('1'))).toMatchObject({ admitted: true })
})
