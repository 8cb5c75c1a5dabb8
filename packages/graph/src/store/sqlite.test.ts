import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { SqliteStore } from './sqlite.ts'
import { embedWords, storeContract } from './store.contract.ts'

storeContract('SqliteStore', { create: (options) => SqliteStore.fromConnString(':memory:', options) })

it('what was kept is there after the file was closed, vectors too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-store-'))
  try {
    const file = join(folder, 'store.db')
    const options = { index: { dims: 3, embed: embedWords, fields: ['text'] } }
    const first = SqliteStore.fromConnString(file, options)
    await first.put(['a'], 'x', { text: 'music' })
    await first.put(['a'], 'y', { text: 'food' })
    first.stop()
    const second = SqliteStore.fromConnString(file, options)
    expect((await second.search(['a'], { query: 'food', limit: 1 }))[0]).toMatchObject({ key: 'y', score: 1 })
    second.stop()
  } finally {
    await rm(folder, { recursive: true })
  }
})

it('a value that is no JSON is refused and its batch with it', async () => {
  const store = SqliteStore.fromConnString(':memory:')
  const bad = { namespace: ['a'], key: 'bad', value: { n: 1n } }
  await expect(store.batch([{ namespace: ['a'], key: 'k', value: {} }, bad])).rejects.toThrow(TypeError)
  expect(await store.get(['a'], 'k')).toBeNull()
  store.stop()
})
