import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openAt, postgresPlace } from '../../packages/server/src/store/testing/databases.ts'
import { open, readChatStream, readReply } from '../gateway/support/ask.ts'
import { startFaultProvider } from '../support/fault-provider.ts'
import { entriesOf } from './support/entries.ts'
import { EXACT_PICO_USD, exactModel, exactRequest } from './support/models.ts'
import { makeFolders, startServer, verifyLedger } from './support/server-process.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

describe.each([
  ['SQLite', () => Promise.resolve(undefined)],
  ['PostgreSQL', async () => (await postgresPlace()).url],
] as const)('a server on %s that is asked to end', (_name, urlOf) => {
  it('lets running answers finish, and leaves nothing in its journal', async () => {
    const provider = await startFaultProvider()
    closers.push(provider.close)
    const { folders, remove } = await makeFolders(1)
    closers.push(remove)
    const [dataDirectory = ''] = folders
    const databaseUrl = await urlOf()
    const models = [exactModel(provider.url, 'hang-after-3')]
    const server = await startServer({ models, dataDirectory, databaseUrl })
    closers.push(server.kill)
    const key = await server.newKey({ max_budget: 1 })
    const door = { url: server.url, key }
    const response = await open(door, '/v1/chat/completions', { ...exactRequest, stream: true })
    const upstream = await provider.exchange(0)
    await upstream.atGate
    const ended = server.kill('SIGTERM')
    upstream.release()
    expect(readChatStream((await readReply(response)).text).text).toMatch(/^You/)
    expect(await ended).toBe(0)

    const place =
      databaseUrl === undefined ? { file: join(dataDirectory, 'switchyard.db') } : { url: databaseUrl }
    const database = await openAt(place)
    expect(await entriesOf(database, key)).toMatchObject([{ cost_pico_usd: EXACT_PICO_USD }])
    expect(await verifyLedger({ dataDirectory, databaseUrl })).toContain('agree')
    expect(await readdir(join(dataDirectory, 'journal'))).toEqual([])
  })
})
