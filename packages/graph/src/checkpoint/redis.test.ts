import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, describe, expect, it } from 'vitest'
import { checkpointerSuite } from '../testing/checkpointer-suite.ts'
import { readsChainsWhole } from './delta-chain.contract.ts'
import { RedisSaver } from './redis.ts'
import type { RedisSaverOptions } from './redis.ts'

const url = process.env['SWITCHYARD_TEST_REDIS_URL'] ?? ''

const prefixes = new WeakMap<object, string>()

function open(prefix: string = `test:${randomUUID()}`, options?: RedisSaverOptions): RedisSaver {
  const saver = RedisSaver.fromUrl(url, { ...options, prefix })
  prefixes.set(saver, prefix)
  return saver
}

if (url === '') console.warn('not run: RedisSaver (SWITCHYARD_TEST_REDIS_URL is not set)')

describe.skipIf(url === '')('with a server', () => {
  checkpointerSuite({ describe, it }, 'RedisSaver', {
    create: () => open(),
    reopen: (saver) => open(prefixes.get(saver)),
    destroy: (saver) => (saver as RedisSaver).end(),
  })

  readsChainsWhole('RedisSaver', open, 20)

  describe('a time to live', () => {
    const redis = new Redis(url, { lazyConnect: true })
    afterAll(() => {
      redis.disconnect()
    })

    async function fill(saver: RedisSaver): Promise<void> {
      const text = 'x'.repeat(500)
      for (const [id, parentId] of [['1'], ['2', '1']] as [string, string?][])
        await saver.commit({
          thread: 't',
          namespace: '',
          checkpoint: { id, ts: '', channelVersions: {}, versionsSeen: {} },
          metadata: {},
          parentId,
          expectedHead: parentId ?? null,
          changes: [{ type: 'value', channel: 'text', value: text + id }],
          writes: [{ taskId: 'x', writes: [['text', text]] }],
        })
    }

    it('is on every key of a thread', async () => {
      const prefix = `test:${randomUUID()}`
      const saver = open(prefix, { ttlMs: 60_000 })
      await fill(saver)
      const keys = await redis.keys(`${prefix}:{*`)
      expect(keys.length).toBe(4)
      for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(50_000)
      await saver.end()
    })

    it('is not there when none was asked for', async () => {
      const prefix = `test:${randomUUID()}`
      const saver = open(prefix)
      await fill(saver)
      for (const key of await redis.keys(`${prefix}:*`)) expect(await redis.pttl(key)).toBe(-1)
      await saver.end()
    })

    it('begins anew with each read when asked to', async () => {
      const prefix = `test:${randomUUID()}`
      const saver = open(prefix, { ttlMs: 60_000, refreshOnRead: true })
      await fill(saver)
      const keys = await redis.keys(`${prefix}:{*`)
      for (const key of keys) await redis.pexpire(key, 1000)
      await saver.load({ thread: 't', namespace: '' })
      for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(50_000)
      await saver.end()
    })

    it('takes threads that are over out of the list', async () => {
      const prefix = `test:${randomUUID()}`
      const saver = open(prefix, { ttlMs: 60_000 })
      await fill(saver)
      expect((await saver.listThreads()).length).toBe(1)
      await redis.unlink(await redis.keys(`${prefix}:{*`))
      expect(await saver.listThreads()).toEqual([])
      expect(await redis.zcard(`${prefix}:threads`)).toBe(0)
      await saver.end()
    })
  })
})
