import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createIngest } from '../../ledger/ingest.ts'
import { NOON_MS, pair } from '../../ledger/testing/records.ts'
import type { Database } from '../../store/database.ts'
import { migrate } from '../../store/migrate.ts'
import { openAt, postgresPlace } from '../../store/testing/databases.ts'
import { run } from '../index.ts'

const DAY_MS = 86_400_000

describe.each(['sqlite', 'postgres'] as const)('switchyard ledger on %s', (dialect) => {
  let directory: string
  let env: Record<string, string> = {}
  let database: Database
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'switchyard-ledger-cli-'))
    const file = join(directory, '.switchyard', 'switchyard.db')
    await mkdir(dirname(file), { recursive: true })
    const place = dialect === 'sqlite' ? { file } : await postgresPlace()
    env = 'url' in place ? { DATABASE_URL: place.url } : {}
    database = await openAt(place)
    await migrate(database)
    await createIngest(
      database,
      () => NOON_MS,
    )(
      [1, 2, 3].map((day) =>
        pair(`r${day}`, {
          opening: { atMs: NOON_MS + (day - 3) * DAY_MS },
          closing: { costPicoUsd: BigInt(day) * 1_000_000n },
        }),
      ),
    )
  })
  afterAll(async () => await rm(directory, { recursive: true, force: true }))

  const outcome = async (
    words: readonly string[],
  ): Promise<{ code: number; said: string; noted: string }> => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const code = await run({
      words,
      env,
      directory,
      stdin: Readable.from([]),
      stdout,
      stderr,
      version: '1.2.3',
      onEnd: () => {},
      onCrash: () => {},
      onReload: () => {},
      nowMs: () => NOON_MS,
    })
    stdout.end()
    stderr.end()
    return { code, said: await text(stdout), noted: await text(stderr) }
  }

  it('lists what a key was debited, with the balance after each request', async () => {
    const { code, said, noted } = await outcome(['ledger', 'statement', 'key', 'key-1', '--since', '2d'])
    expect(code).toBe(0)
    expect(
      said
        .split('\n')
        .slice(1, 3)
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      [expect.stringMatching(/^2026-11-26T/), 'settled', '0.000002', '0.000003', 'gpt-5', 'r2'],
      [expect.stringMatching(/^2026-11-27T/), 'settled', '0.000003', '0.000006', 'gpt-5', 'r3'],
    ])
    expect(noted).toContain('0.000001 USD before, 0.000005 USD in it, 0.000006 USD in all')
  })

  it('gives lines as JSON', async () => {
    const { said } = await outcome(['ledger', 'statement', 'global', '--json'])
    expect(
      said
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toMatchObject([
      { request_id: 'r1', cost_usd: '0.000001', balance_usd: '0.000001', key: 'key-1' },
      { request_id: 'r2', balance_usd: '0.000003' },
      { request_id: 'r3', balance_usd: '0.000006' },
    ])
  })

  it.each([
    [['ledger', 'statement', 'key'], 'Name the key'],
    [['ledger', 'statement', 'planet', 'mars'], 'There is no statement of planet'],
  ])('%j says what is wrong', async (words, message) => {
    const { code, noted } = await outcome(words)
    expect([code, noted]).toEqual([1, expect.stringContaining(message)])
  })

  it('verifies, and ends with 1 and the exact amounts when something is off', async () => {
    expect(await outcome(['ledger', 'verify'])).toMatchObject({
      code: 0,
      said: '3 entries, 0.000006 USD: balances and the sums of days agree.\n',
    })
    await database.kysely
      .updateTable('balances')
      .set({ settled_pico_usd: 5_999_999n })
      .where('scope_kind', '=', 'key')
      .execute()
    const { code, said } = await outcome(['ledger', 'verify'])
    expect(code).toBe(1)
    expect(said).toContain('1 sums do not agree')
    expect(said).toMatch(/balances +key:key-1 +all +0\.000006 +0\.000005999999 +-0\.000000000001/)
    const json = await outcome(['ledger', 'verify', '--json'])
    expect(JSON.parse(json.said)).toMatchObject({
      entries: 3,
      drifts: [{ scope: 'key:key-1', found_usd: '0.000005999999' }],
    })
  })
})
