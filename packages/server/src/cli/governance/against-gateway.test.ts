import { createHash } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MASTER_KEY, openGate } from '../../admin/testing/gate.ts'
import type { Gate } from '../../admin/testing/gate.ts'
import { createIngest } from '../../ledger/ingest.ts'
import { pair } from '../../ledger/testing/records.ts'
import { importLitellm } from '../../litellm-import/import.ts'
import { makeLitellm } from '../../litellm-import/testing/litellm.ts'
import { createWindows } from '../../policy/windows.ts'
import { createSealer } from '../../store/seal.ts'
import { testDatabases } from '../../store/testing/databases.ts'
import { run as runCommand } from '../index.ts'

describe.each(testDatabases)('the command line and a gateway with $dialect', ({ open }) => {
  const endings: (() => Promise<void>)[] = []
  let gate: Gate
  beforeAll(async () => {
    gate = await openGate({ open }, (end) => endings.push(end))
  })
  afterAll(async () => {
    for (const end of endings) await end()
  })

  async function run(
    words: string,
    key = MASTER_KEY,
  ): Promise<[code: number, stdout: string, stderr: string]> {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const code = await runCommand({
      words: [...words.split(' '), '--url', gate.url, '--key', key],
      env: {},
      directory: '/nowhere',
      stdin: Readable.from([]),
      stdout,
      stderr,
      version: '0.0.0',
      nowMs: () => gate.nowMs,
      onEnd: () => undefined,
      onCrash: () => undefined,
      onReload: () => undefined,
    })
    const [printed, said] = await Promise.all([text(stdout.end()), text(stderr.end())])
    return [code, printed, said]
  }

  const done = async (words: string): Promise<string> => {
    const [code, printed, said] = await run(words)
    expect([words, code, said]).toEqual([words, 0, expect.not.stringMatching(/^\d{3}:/)])
    return printed
  }

  it('makes, shows, rotates and revokes keys', async () => {
    const key = (
      await done('keys create --alias web --budget 0.1 --budget-duration 30d --tags a,b --rpm 60')
    ).trim()
    expect(key).toMatch(/^sk-/)
    expect(await done('keys list')).toMatch(
      /^web +sk-\.\.\..{4} +\w{12} .* 0 +0\.1 per 30d +2026-12-01 00:00 +60 rpm$/m,
    )
    expect((await gate.ask('/key/info', undefined, { key })).status).toBe(200)

    const next = (await done('keys rotate web')).trim()
    expect((await gate.ask('/key/info', undefined, { key })).status).toBe(401)
    expect((await gate.ask('/key/info', undefined, { key: next })).status).toBe(200)

    expect(await done(`keys revoke ${next}`)).toMatch(/^Revoked: /)
    expect((await gate.ask('/key/info', undefined, { key: next })).status).toBe(401)
    expect(await done('keys list')).toMatch(/^0 keys/m)
  })

  it('manages teams and budgets', async () => {
    expect(await done('budgets create free --budget 1 --budget-duration monthly --soft-budget 0.5')).toBe(
      'free\n',
    )
    expect(await done('budgets list')).toMatch(/^free +1 per monthly .*0\.5$/m)
    const id = (await done('teams create red --budget 100 --models gpt')).trim()
    await done('teams add-member red u-1 --role admin --budget 2')
    expect(await done('teams list')).toMatch(new RegExp(`^red +${id} +\\d+ +gpt +0 +100$`, 'm'))
    await done(`keys create --team ${id} --budget-id free`)
    await done('teams remove-member red u-1')
    expect(await done('teams delete red')).toContain(id)
    expect(await done('keys list')).toMatch(/^0 keys/m)
    await done('budgets delete free')
  })

  it('sums what was spent', async () => {
    await createIngest(
      gate.database,
      () => gate.nowMs,
    )([
      pair('r1', {
        opening: { atMs: gate.nowMs, parties: { keyHash: 'k'.repeat(64), userId: 'ada', tags: ['t'] } },
      }),
      pair('r2', {
        opening: { atMs: gate.nowMs, parties: { keyHash: 'k'.repeat(64), userId: 'ada', tags: ['t'] } },
      }),
    ])
    const totals = await Promise.all(
      ['key', 'team', 'model', 'tag', 'user', 'provider', 'day'].map(async (by) => {
        const { rows, total } = JSON.parse(await done(`spend --by ${by} --json`)) as {
          rows: { name: string }[]
          total: object
        }
        return [by, rows.map(({ name }) => name), total]
      }),
    )
    const total = { requests: 2, cost_usd: '0.0000005' }
    expect(totals).toEqual([
      ['key', ['k'.repeat(64)], expect.objectContaining(total)],
      ['team', ['team-1'], expect.objectContaining(total)],
      ['model', ['gpt-5'], expect.objectContaining(total)],
      ['tag', ['t'], expect.objectContaining(total)],
      ['user', ['ada'], expect.objectContaining(total)],
      ['provider', ['openai'], expect.objectContaining(total)],
      ['day', ['2026-11-27'], expect.objectContaining(total)],
    ])
    for (const by of ['agent', 'customer', 'organization'])
      expect(JSON.parse(await done(`spend --by ${by} --json`))).toMatchObject({ rows: [] })
  })

  it('says what the key may not do', async () => {
    const key = (await done('keys create --alias small')).trim()
    const [code, printed, said] = await run('teams create mine', key)
    expect([code, printed]).toEqual([1, ''])
    expect(said).toMatch(/^40[13]: .+ (Use a key that may do this|Pass the key)/)
    expect(await run('keys list', 'sk-nobody')).toEqual([
      1,
      '',
      expect.stringMatching(/^401: .* Pass the key with --key/),
    ])
  })

  it('lets clients of LiteLLM go on with their keys and what they have spent', async () => {
    const { database: source } = await makeLitellm('litellm.sql')
    let ids = 0
    await importLitellm({
      source,
      target: gate.database,
      update: false,
      dryRun: false,
      windows: createWindows(),
      global: {},
      secrets: { decrypt: () => undefined, sealer: createSealer([]), canSeal: false },
      nowMs: gate.nowMs,
      newId: () => `import-${(ids += 1)}`,
    })
    const { info } = await gate.get('/key/info', undefined, { key: 'sk-web' })
    expect(info).toMatchObject({
      key_alias: 'web',
      team_id: 'red',
      spend: 0.1,
      max_budget: 10,
      metadata: { owner: 'web', tags: ['prod'] },
    })
    expect(await done('teams list')).toMatch(/^Red +red +acme +2 +gpt +0\.1 +100 per 30d +2026-12-01 00:00$/m)
    const [customer] = [await gate.get('/customer/info?end_user_id=customer-7')]
    expect(customer).toMatchObject({ spend: 0.007, litellm_budget_table: { max_budget: 1 } })
    const hash = createHash('sha256').update('sk-web').digest('hex')
    expect(await done(`keys revoke ${hash.slice(0, 8)}`)).toBe(`Revoked: ${hash.slice(0, 12)}\n`)
  })
})
