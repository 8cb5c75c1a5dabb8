import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { entryAt } from '../clients/support/models.ts'
import { asking, clientNames } from './support/clients.ts'
import { followed, openSite, soundModel } from './support/site.ts'
import type { Site } from './support/site.ts'

/** How long a lookup may take. */
const BOUND_MS = 5_000

let site: Site
beforeAll(async () => {
  site = await openSite(
    (places) => [
      soundModel(places),
      entryAt(places.hanging, 'hanging', 'openai/echo'),
      entryAt(places.named, 'named', 'openai/echo'),
      ...followed(places, 'followed', entryAt(places.hanging, '', 'openai/echo')),
    ],
    { router_settings: { num_retries: 0, disable_cooldowns: true } },
  )
})
afterAll(async () => await site.close())

/** What happens after that time happens when the test says so; all other timers are what they are. */
let bounded: (() => void)[] = []
beforeEach(() => {
  const { setTimeout: real } = globalThis
  vi.stubGlobal('setTimeout', (callback: () => void, ms?: number, ...given: []) => {
    if (ms !== BOUND_MS) return real(callback, ms, ...given)
    bounded.push(callback)
    return real(() => undefined, 0)
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  bounded = []
  // The lookup fails at last, when nobody waits for it any more; until then the name is not looked up again.
  site.failLookups()
})

function passBound(): void {
  for (const callback of bounded.splice(0)) callback()
}

async function untilBounded(count: number): Promise<void> {
  while (bounded.length < count) await new Promise((resolve) => setImmediate(resolve))
}

describe.each(clientNames)('F30 a lookup that hangs, through %s', (client) => {
  it('is given up after 5 s, asked for once, and holds up nobody else', async () => {
    const ask = asking(site.gateway, await site.gateway.newKey())[client]
    const before = site.lookups.length
    const hanging = (): number =>
      site.lookups.slice(before).filter((name) => name.startsWith('hanging')).length
    const asked = site.gateway.provider.exchanges.length
    let over = 0
    const waiting = Array.from({ length: 20 }, async (_, index) => {
      const seen = await ask({ model: 'hanging', stream: index % 2 === 1 })
      over++
      return seen
    })
    await untilBounded(20)
    for (let time = 0; time < 5; time++)
      expect(await ask({ model: 'named' })).toMatchObject({ status: 200, text: 'You said: hello there' })
    expect([over, hanging()]).toEqual([0, 1])
    passBound()
    const seen = await Promise.all(waiting)
    for (const { error, headers } of seen) {
      expect(error).toMatchObject({ status: 503 })
      expect(headers.get('x-gateway-error')).toBe('upstream_unavailable')
      expect(error?.message).not.toMatch(/hanging\.example/)
    }
    expect(site.gateway.provider.exchanges.length).toBe(asked)
    const [first] = seen
    if (first === undefined) throw new Error('nobody asked')
    const log = await site.logOf(first)
    expect(site.attemptsOf(log)).toEqual(['upstream_unavailable'])
    expect(log['spend']).toBe(0)
    await site.expectSound(first, log)
  })

  it('is no obstacle where there is a sibling', async () => {
    const ask = asking(site.gateway, await site.gateway.newKey())[client]
    const waiting = ask({ model: 'followed', retries: 1 })
    await untilBounded(1)
    passBound()
    const seen = await waiting
    expect(seen).toMatchObject({ status: 200, text: 'You said: hello there' })
    expect(site.attemptsOf(await site.logOf(seen))).toEqual(['upstream_unavailable', null])
    await site.expectSound(seen)
  })
})
