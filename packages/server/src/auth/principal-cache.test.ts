import { describe, expect, test, vi } from 'vitest'
import { createPrincipalCache } from './principal-cache.ts'
import type { Loaded as LoadedOf } from './fresh-cache.ts'
import type { Identity, PrincipalCache } from './principal-cache.ts'
import type { Principal } from './principal.ts'
import { unknownKey } from './refusals.ts'

type Loaded = LoadedOf<Identity>

function principal(rest: Partial<Principal> = {}): Principal {
  return {
    type: 'key',
    role: 'key',
    keyHash: 'h',
    adminOfTeams: [],
    memberOfTeams: [],
    adminOfOrganizations: [],
    teamPermissions: {},
    modelLists: [],
    aliases: {},
    limits: [],
    modelLimits: {},
    tagLimits: {},
    tags: [],
    metadata: {},
    ...rest,
  }
}

/** A cache over a database that answers when it is told to. */
function setUp(staleForMs = 60_000) {
  const clock = { ms: 0 }
  const asked: { credential: string; answer: (loaded: Loaded) => void; fail: (error: Error) => void }[] = []
  const cache = createPrincipalCache({
    load: (_hash, credential) =>
      new Promise((answer, fail) => {
        asked.push({ credential, answer, fail })
      }),
    nowMs: () => 1_000_000 + clock.ms,
    monotonicMs: () => clock.ms,
    staleForMs,
    statusProfile: 'current',
  })
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  return { cache, clock, asked, settled }
}

const GOOD: Loaded = { value: principal({ keyAlias: 'good' }), dependsOn: new Set(['key:1', 'team:t']) }

type Outcome = string | Promise<string>

/** The alias of who it is, `wait` when that has to be loaded, or why it is refused. */
function ask(cache: PrincipalCache, key = 'sk-1'): string {
  try {
    const found = cache.peek(`Bearer ${key}`) ?? cache.get(key, `Bearer ${key}`)
    if (found instanceof Promise) {
      found.catch(() => undefined)
      return 'wait'
    }
    return found.stale === true ? `${found.keyAlias} stale` : String(found.keyAlias)
  } catch (error) {
    return reasonOf(error)
  }
}

function reasonOf(error: unknown): string {
  const { status, reason } = error as { status?: number; reason?: string }
  return `${status} ${reason}`
}

async function later(cache: PrincipalCache, key = 'sk-1'): Promise<string> {
  try {
    const found = await cache.get(key, `Bearer ${key}`)
    return found.stale === true ? `${found.keyAlias} stale` : String(found.keyAlias)
  } catch (error) {
    return reasonOf(error)
  }
}

async function filled(staleForMs?: number) {
  const parts = setUp(staleForMs)
  const first: Outcome = later(parts.cache)
  await parts.settled()
  parts.asked[0]?.answer(GOOD)
  expect(await first).toBe('good')
  return parts
}

test('who asks at once for an unknown key shares one load; afterwards the answer is there at once', async () => {
  const { cache, asked, settled } = setUp()
  const all = Array.from({ length: 50 }, () => later(cache))
  await settled()
  expect(asked.map(({ credential }) => credential)).toEqual(['sk-1'])
  asked[0]?.answer(GOOD)
  expect(new Set(await Promise.all(all))).toEqual(new Set(['good']))
  expect(cache.peek('Bearer sk-1')?.keyAlias).toBe('good')
  expect(cache.peek('Bearer sk-2')).toBeUndefined()
})

test('it is loaded anew while it is used, and nobody waits for that', async () => {
  const { cache, clock, asked, settled } = await filled()
  clock.ms = 2_499
  expect(ask(cache)).toBe('good')
  expect(asked.length).toBe(1)
  clock.ms = 2_500
  expect(ask(cache)).toBe('good')
  expect(ask(cache)).toBe('good')
  await settled()
  expect(asked.length).toBe(2)
  asked[1]?.answer({ ...GOOD, value: principal({ keyAlias: 'newer' }) })
  await settled()
  clock.ms = 4_999
  expect(ask(cache)).toBe('newer')
})

test('after five seconds without use it is loaded before it is used', async () => {
  const { cache, clock } = await filled()
  clock.ms = 4_999
  expect(ask(cache)).toBe('good')
  clock.ms = 5_000
  expect(ask(cache)).toBe('wait')
})

describe('changes', () => {
  test.each([
    ['the key', 'key', '1', 'wait'],
    ['its team', 'team', 't', 'wait'],
    ['another key', 'key', '2', 'good'],
    ['a user of the same id', 'user', '1', 'good'],
  ])('of %s', async (_name, kind, id, expected) => {
    const { cache } = await filled()
    cache.drop(kind, id)
    expect(ask(cache)).toBe(expected)
  })

  test('that may have been missed', async () => {
    const { cache } = await filled()
    cache.clear()
    expect(ask(cache)).toBe('wait')
  })

  test('what was being loaded when a change came is not kept', async () => {
    const { cache, asked, settled } = setUp()
    const early = later(cache)
    await settled()
    cache.drop('key', '1')
    const late = later(cache)
    await settled()
    expect(asked.length).toBe(2)
    asked[1]?.answer({ ...GOOD, value: principal({ keyAlias: 'newer' }) })
    expect(await late).toBe('newer')
    asked[0]?.answer(GOOD)
    expect(await early).toBe('good')
    expect(ask(cache)).toBe('newer')
  })
})

describe('refusals', () => {
  const UNKNOWN: Loaded = { value: unknownKey, dependsOn: new Set(['key:1']) }

  test('are remembered for a second, or until the key is made', async () => {
    const { cache, clock, asked, settled } = setUp()
    const first = later(cache)
    await settled()
    asked[0]?.answer(UNKNOWN)
    expect(await first).toBe('401 invalid_api_key')
    clock.ms = 999
    expect(ask(cache)).toBe('401 invalid_api_key')
    cache.drop('key', '1')
    expect(ask(cache)).toBe('wait')
    await settled()
    asked[1]?.answer(UNKNOWN)
    await settled()
    clock.ms = 1_998
    expect(ask(cache)).toBe('401 invalid_api_key')
    clock.ms = 1_999
    expect(ask(cache)).toBe('wait')
  })

  test('end what was allowed before', async () => {
    const { cache, clock, asked, settled } = await filled()
    clock.ms = 3_000
    expect(ask(cache)).toBe('good')
    await settled()
    asked[1]?.answer(UNKNOWN)
    await settled()
    expect(ask(cache)).toBe('401 invalid_api_key')
  })

  test('a flood of wrong keys pushes out no right one', async () => {
    const { cache, asked, settled } = await filled()
    for (let at = 0; at < 5_000; at++) ask(cache, `sk-wrong-${at}`)
    await settled()
    // So many at a time, so that the database is left to those who are known.
    expect(asked.length).toBe(1 + 64)
    for (let at = 1; at < asked.length; at++) {
      asked[at]?.answer(UNKNOWN)
      await settled()
    }
    expect(asked.length).toBe(1 + 5_000)
    expect(ask(cache)).toBe('good')
  })

  test('and delays nobody who is known', async () => {
    const { cache, clock, asked, settled } = await filled()
    for (let at = 0; at < 500; at++) ask(cache, `sk-wrong-${at}`)
    clock.ms = 6_000
    const known = later(cache)
    await settled()
    asked.find(({ credential }, at) => credential === 'sk-1' && at > 0)?.answer(GOOD)
    expect(await known).toBe('good')
  })
})

test('a key ends at its time, whatever is remembered', async () => {
  const { cache, clock, asked, settled } = setUp()
  const first = later(cache)
  await settled()
  asked[0]?.answer({ ...GOOD, value: principal({ keyAlias: 'short', expiresMs: 1_000_100 }) })
  expect(await first).toBe('short')
  clock.ms = 99
  expect(ask(cache)).toBe('short')
  clock.ms = 100
  expect(ask(cache)).toBe('401 key_expired')
})

describe('without a database', () => {
  test('a key that was used lately goes on, marked; nobody waits for the next attempt', async () => {
    const { cache, clock, asked, settled } = await filled()
    clock.ms = 6_000
    const first = later(cache)
    await settled()
    asked[1]?.fail(new Error('away'))
    expect(await first).toBe('good stale')
    clock.ms = 6_999
    expect(ask(cache)).toBe('good stale')
    expect(asked.length).toBe(2)
    clock.ms = 7_000
    expect(ask(cache)).toBe('good stale')
    await settled()
    expect(asked.length).toBe(3)
    asked[2]?.answer(GOOD)
    await settled()
    expect(ask(cache)).toBe('good')
  })

  test('nor for one that says nothing, longer than two seconds once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { cache, clock, asked } = await filled()
      clock.ms = 6_000
      const first = later(cache)
      await vi.advanceTimersByTimeAsync(2_000)
      expect(await first).toBe('good stale')
      expect(ask(cache)).toBe('good stale')
      asked[1]?.answer(GOOD)
      await vi.advanceTimersByTimeAsync(0)
      expect(ask(cache)).toBe('good')
    } finally {
      vi.useRealTimers()
    }
  })

  test('but not for ever, and not after it was changed', async () => {
    const { cache, clock, asked, settled } = await filled(10_000)
    clock.ms = 10_001
    const tooOld = later(cache)
    await settled()
    asked[1]?.fail(new Error('away'))
    expect(await tooOld).toBe('503 db_unavailable')
    const other = await filled()
    other.clock.ms = 6_000
    const changed = later(other.cache)
    await other.settled()
    other.cache.drop('key', '1')
    other.asked[1]?.fail(new Error('away'))
    expect(await changed).toBe('503 db_unavailable')
  })

  test('an unknown key gets 503, at once after the first failure', async () => {
    const { cache, clock, asked, settled } = setUp()
    const first = later(cache)
    await settled()
    asked[0]?.fail(new Error('away'))
    expect(await first).toBe('503 db_unavailable')
    expect(ask(cache, 'sk-other')).toBe('503 db_unavailable')
    clock.ms = 1_000
    expect(ask(cache)).toBe('wait')
  })
})
