import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeLitellm } from '../../litellm-import/testing/litellm.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import { openAt, testDatabases } from '../../store/testing/databases.ts'
import { run } from '../index.ts'

let litellm: string
beforeAll(async () => {
  litellm = (await makeLitellm('litellm.sql')).url
})

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'switchyard-import-'))
})
afterEach(async () => await rm(directory, { recursive: true, force: true }))

async function outcome(
  words: string[],
  env: Record<string, string> = {},
): Promise<[code: number, stdout: string, stderr: string]> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await run({
    words: ['import', 'litellm', ...words],
    env,
    directory,
    stdin: Readable.from([]),
    stdout,
    stderr,
    version: '0.0.0',
    nowMs: () => Date.UTC(2026, 10, 27),
    onEnd: () => undefined,
    onCrash: () => undefined,
    onReload: () => undefined,
  })
  const [printed, said] = await Promise.all([text(stdout.end()), text(stderr.end())])
  return [code, printed, said]
}

async function writeConfig(config: object): Promise<void> {
  await writeFile(join(directory, 'old.yaml'), JSON.stringify(config))
}

const demo = { model_name: 'demo', litellm_params: { model: 'demo/echo' } }
const noted = { model_list: [demo], general_settings: { master_key: 'sk-master', use_x_forward: true } }

describe.each(testDatabases)('import litellm into $dialect', ({ dialect, place }) => {
  it('says what it would do, does it, and has nothing left to do', async () => {
    await writeConfig(noted)
    const { url } = await place()
    const env: Record<string, string> = typeof url === 'string' ? { DATABASE_URL: url } : {}
    const words = ['--config', 'old.yaml', '--database-url', litellm]

    const [, rehearsed] = await outcome([...words, '--dry-run'], env)
    expect(rehearsed).toMatch(/^old\.yaml:1:\d+ warning general_settings\.use_x_forward: /)
    expect(rehearsed).toContain('old.yaml: 1 deployment, usable as it is\n')
    expect(rehearsed).toMatch(/^keys +LiteLLM_VerificationToken +5 +3 +0 +0 +2 +0\.10000015$/m)
    expect(rehearsed).toMatch(/^keys +1 +left out: it is the master key /m)
    expect(rehearsed).toMatch(/^LiteLLM_SpendLogs +30 +logs of single requests stay/m)
    expect(rehearsed).toMatch(/This was a dry run: nothing was changed\.\n$/)
    if (dialect === 'sqlite') expect(await readdir(directory)).toEqual(['old.yaml'])

    const [code, done, stderr] = await outcome(words, env)
    expect([code, stderr]).toEqual([0, ''])
    expect(`${done}\nThis was a dry run: nothing was changed.\n`).toBe(rehearsed)
    const made = await openAt(
      url === undefined ? { file: join(directory, '.switchyard/switchyard.db') } : { url },
    )
    expect(await resourceTable('keys').count(made.kysely)).toBe(3)

    const [, again] = await outcome([...words, '--json'], env)
    expect(JSON.parse(again)).toMatchObject({
      config: { path: 'old.yaml', deployments: 1, findings: [{ path: 'general_settings.use_x_forward' }] },
      dry_run: false,
      kinds: expect.arrayContaining([
        expect.objectContaining({ what: 'keys', found: 5, created: 0, kept: 3, left_out: 2 }),
      ]),
    })
  })
})

describe('import litellm', () => {
  it('finds the database where the configuration names it, beside its own tables', async () => {
    await writeConfig({ ...noted, general_settings: { master_key: 'sk-master', database_url: litellm } })
    const [code, printed] = await outcome(['--config', 'old.yaml', '--dry-run', '--json'])
    const { from, to, kinds } = JSON.parse(printed) as { from: string; to: string; kinds: object[] }
    expect([code, from]).toEqual([0, to])
    expect(kinds).toContainEqual(expect.objectContaining({ what: 'teams', created: 1, spent_usd: '0.17' }))
  })

  it('looks at a configuration alone', async () => {
    await writeConfig(noted)
    const [code, printed] = await outcome(['--config', 'old.yaml'])
    expect([code, printed]).toEqual([0, expect.stringMatching(/usable as it is\n\nNo database is named/)])
  })

  it.each<[name: string, words: string[], code: number, said: RegExp]>([
    ['nothing is named', [], 1, /with --config, its database with --database-url, or both/],
    ['the configuration is broken', ['--config', 'none.yaml'], 78, /1 error\nNothing was taken over\./],
    [
      'the database cannot be reached',
      ['--database-url', 'postgresql://nobody:pass-1234@127.0.0.1:1/none'],
      1,
      /cannot be reached: connect ECONNREFUSED/,
    ],
    ['the address is none', ['--database-url', 'mysql://x'], 1, /has to begin with postgresql:/],
  ])('says what to do when %s', async (_, words, code, said) => {
    const [ended, printed, stderr] = await outcome(words)
    expect([ended, printed, stderr]).toEqual([code, '', expect.stringMatching(said)])
    expect(stderr).not.toContain('pass-1234')
  })
})
