import type { Json } from '@switchyard/llm/kit'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { run } from '../index.ts'

let server: Server | undefined
afterEach(() => {
  server?.close()
  server = undefined
})

/** A gateway that answers what the test says, by method and path; each question is kept. */
async function gateway(answers: Record<string, Json | [status: number, body: Json]>): Promise<Gateway> {
  const asked: string[] = []
  server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push(`${request.method} ${request.url}${body === '' ? '' : ` ${body}`}`)
      const { pathname } = new URL(request.url ?? '', 'http://gateway')
      const answer = answers[`${request.method} ${pathname}`]
      const [status, content] =
        Array.isArray(answer) && typeof answer[0] === 'number' ? answer : [200, answer]
      response.writeHead(content === undefined ? 404 : Number(status), { 'content-type': 'application/json' })
      response.end(JSON.stringify(content ?? { detail: 'Not Found' }))
    })
  })
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    asked,
    run: (...words) => outcome([...words, '--url', `http://127.0.0.1:${port}`, '--key', 'sk-admin']),
  }
}

interface Gateway {
  asked: string[]
  run: (...words: string[]) => Promise<[code: number, stdout: string, stderr: string]>
}

async function outcome(words: string[]): Promise<[code: number, stdout: string, stderr: string]> {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const code = await run({
    words,
    env: {},
    directory: '/nowhere',
    stdin: Readable.from([]),
    stdout,
    stderr,
    version: '1.2.3',
    nowMs: () => Date.UTC(2026, 10, 27),
    onEnd: () => {},
    onCrash: () => {},
    onReload: () => {},
  })
  const [printed, said] = await Promise.all([text(stdout.end()), text(stderr.end())])
  return [code, printed, said]
}

const web = {
  token: 'a'.repeat(64),
  key_name: 'sk-...1234',
  key_alias: 'web',
  team_id: 't-1',
  models: ['gpt', 'claude', 'gemini', 'llama'],
  spend: 0.1,
  max_budget: 10,
  budget_duration: '30d',
  budget_reset_at: '2026-12-01T00:00:00+00:00',
  rpm_limit: 60,
  blocked: true,
}
const app = { token: `b${'c'.repeat(63)}`, key_name: 'sk-...5678', key_alias: null, models: [], spend: 0.2 }
const keyList = { keys: [web, app], total_count: 2, current_page: 1, total_pages: 1 }

describe('keys', () => {
  it('create says the key alone on standard output', async () => {
    const { run, asked } = await gateway({ 'POST /key/generate': { key: 'sk-new', token: web.token } })
    const [code, stdout, stderr] = await run(
      'keys', 'create', '--alias', 'web', '--models', 'gpt, claude', '--budget', '0.1', '--budget-duration', '30d',
      '--expires', '90d', '--metadata', '{"owner":"web"}', '--rpm', '60',
    ) // prettier-ignore
    expect([code, stdout]).toEqual([0, 'sk-new\n'])
    expect(stderr).toMatch(/^Keep the key now: .* Its id begins with aaaaaaaaaaaa\.\n$/)
    expect(asked).toEqual([
      'POST /key/generate {"key_alias":"web","models":["gpt","claude"],"duration":"90d","metadata":{"owner":"web"},' +
        '"max_budget":0.1,"budget_duration":"30d","rpm_limit":60}',
    ])
  })

  it('list shows what matters, with exact totals', async () => {
    const { run, asked } = await gateway({ 'GET /key/list': keyList })
    const [code, stdout] = await run('keys', 'list', '--team', 't-1')
    expect(code).toBe(0)
    expect(asked).toEqual(['GET /key/list?team_id=t-1&page=1&size=100&return_full_object=true'])
    expect(stdout).toBe(
      [
        'alias   key         id            team  models                  spend USD  budget USD  resets (UTC)      limits  state',
        'web     sk-...1234  aaaaaaaaaaaa  t-1   gpt, claude, gemini +1        0.1  10 per 30d  2026-12-01 00:00  60 rpm  blocked',
        '        sk-...5678  bccccccccccc        all                           0.2',
        '──────  ──────────  ────────────  ────  ──────────────────────  ─────────  ──────────  ────────────────  ──────  ───────',
        '2 keys                                                                0.3',
        '',
      ].join('\n'),
    )
  })

  it('list --json is all that the gateway says, of every page', async () => {
    const { run, asked } = await gateway({ 'GET /key/list': { ...keyList, total_pages: 2 } })
    const [, stdout] = await run('keys', 'list', '--json')
    expect(JSON.parse(stdout)).toEqual([web, app, web, app])
    expect(asked).toHaveLength(2)
  })

  it.each<[named: string, id: string]>([
    ['web', web.token],
    ['bccccc', app.token],
    [app.token, app.token],
    // The key itself stays here: what is sent is its SHA-256.
    ['sk-1', '0f2c10bf3d128c719c6bfa4ecbae94b7fceebaea6e4438fef38a90e5acc326f3'],
  ])('revoke finds %s', async (named, id) => {
    const { run, asked } = await gateway({
      'GET /key/list': keyList,
      'POST /key/delete': { deleted_keys: [] },
    })
    const [code, stdout] = await run('keys', 'revoke', named)
    expect([code, stdout]).toEqual([0, `Revoked: ${id.slice(0, 12)}\n`])
    expect(asked.at(-1)).toBe(`POST /key/delete {"keys":["${id}"]}`)
  })

  it.each<[named: string, keys: Json[], said: RegExp]>([
    ['mobile', [web, app], /No key is called 'mobile'.*`switchyard keys list`/],
    ['bcc', [web, app], /No key is called 'bcc'/],
    ['aaaaaa', [web, { ...web, key_alias: 'other' }], /the beginning of 2 ids/],
  ])('revoke takes nothing away when %s is unclear', async (named, keys, said) => {
    const { run, asked } = await gateway({ 'GET /key/list': { ...keyList, keys } })
    const [code, stdout, stderr] = await run('keys', 'revoke', 'web', named)
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(said)])
    expect(asked.every((question) => question.startsWith('GET'))).toBe(true)
  })

  it('rotate keeps the old one for a time of grace', async () => {
    const { run, asked } = await gateway({
      'GET /key/list': keyList,
      [`POST /key/${web.token}/regenerate`]: { key: 'sk-next', token: app.token },
    })
    expect((await run('keys', 'rotate', 'web', '--grace', '24h'))[1]).toBe('sk-next\n')
    expect(asked.at(-1)).toBe(`POST /key/${web.token}/regenerate {"grace_period":"24h"}`)
  })

  it.each<[status: number, body: Json, said: string]>([
    [
      403,
      { error: { message: 'Only admins may make keys', type: 'auth_error' } },
      '403: Only admins may make keys. Use a key that may do this: the admin key, or one whose role allows it.\n',
    ],
    [400, { detail: { error: 'Key alias web is taken.' } }, '400: Key alias web is taken.\n'],
  ])('says what the gateway refuses with %i', async (status, body, said) => {
    const { run } = await gateway({ 'POST /key/generate': [status, body] })
    expect(await run('keys', 'create')).toEqual([1, '', said])
  })

  it('says that the server is another one', async () => {
    const { run } = await gateway({ 'GET /key/list': { items: [] } })
    const [code, , stderr] = await run('keys', 'list')
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/a form that this command does not know \(keys: /),
    ])
  })
})

const red = {
  team_id: 't-1',
  team_alias: 'red',
  members_with_roles: [{ user_id: 'u-1', role: 'admin' }],
  models: [],
  spend: 0.00000015,
  max_budget: 5,
}
const blue = { team_id: 't-2', team_alias: 'blue', spend: 1.5, blocked: false }

describe('teams', () => {
  it.each<[words: string[], asked: string, printed: RegExp]>([
    [
      ['create', 'red', '--budget', '5', '--models', 'gpt'],
      'POST /team/new {"team_alias":"red","models":["gpt"],"max_budget":5}',
      /^t-1\n$/,
    ],
    [['delete', 'red', 't-2'], 'POST /team/delete {"team_ids":["t-1","t-2"]}', /with their keys: t-1, t-2/],
    [
      ['add-member', 'red', 'u-2', '--budget', '2'],
      'POST /team/member_add {"team_id":"t-1","member":{"user_id":"u-2","role":"user"},"max_budget_in_team":2}',
      /^u-2 is in red now/,
    ],
    [
      ['remove-member', 'red', 'u-1'],
      'POST /team/member_delete {"team_id":"t-1","user_id":"u-1"}',
      /^u-1 is not in red any more/,
    ],
    [['delete', 't-9'], 'GET /team/list', /^$/],
  ])('%o', async (words, question, printed) => {
    const { run, asked } = await gateway({
      'GET /team/list': [red, blue],
      'POST /team/new': red,
      'POST /team/delete': {},
      'POST /team/member_add': {},
      'POST /team/member_delete': {},
    })
    expect((await run('teams', ...words))[1]).toMatch(printed)
    expect(asked.at(-1)).toBe(question)
  })

  it('list shows what matters', async () => {
    const { run } = await gateway({ 'GET /team/list': [red, blue] })
    expect((await run('teams', 'list'))[1]).toBe(
      [
        'team     id   members  models   spend USD  budget USD',
        'red      t-1        1  all     0.00000015  5',
        'blue     t-2        0  all     1.5',
        '───────  ───  ───────  ──────  ──────────  ──────────',
        '2 teams                        1.50000015',
        '',
      ].join('\n'),
    )
  })
})

describe('budgets', () => {
  it.each<[words: string[], asked: string, printed: RegExp]>([
    [
      ['create', 'free', '--budget', '1', '--budget-duration', 'monthly', '--soft-budget', '0.8'],
      'POST /budget/new {"budget_id":"free","max_budget":1,"budget_duration":"monthly","soft_budget":0.8}',
      /^free\n$/,
    ],
    [['list'], 'GET /budget/list', /^id +budget USD +soft USD\nfree +1 per monthly +0.8\n[─ ]+\n1 budget\n$/],
    [['delete', 'free'], 'POST /budget/delete {"id":"free"}', /^Deleted: free\n$/],
  ])('%o', async (words, question, printed) => {
    const free = { budget_id: 'free', max_budget: 1, soft_budget: 0.8, budget_duration: 'monthly' }
    const { run, asked } = await gateway({
      'POST /budget/new': free,
      'GET /budget/list': [free],
      'POST /budget/delete': {},
    })
    expect((await run('budgets', ...words))[1]).toMatch(printed)
    expect(asked).toEqual([question])
  })
})

describe('spend', () => {
  const metrics = (spend: number, requests: number): Json => ({
    spend,
    prompt_tokens: 10 * requests,
    completion_tokens: requests,
    api_requests: requests,
    failed_requests: 1,
  })
  const day = (date: string, scale: number): Json => ({
    date,
    metrics: metrics(0.3 * scale, 3),
    breakdown: {
      models: { 'gpt-x': { metrics: metrics(0.3 * scale, 3), metadata: {} } },
      providers: {},
      api_keys: {
        [web.token]: { metrics: metrics(0.1 * scale, 1), metadata: { key_alias: 'web', team_id: null } },
        [app.token]: { metrics: metrics(0.2 * scale, 2), metadata: {} },
      },
      entities: { 'u-1': { metrics: metrics(0.3 * scale, 3), metadata: { user_email: 'a@b.c' } } },
    },
  })
  const report = { results: [day('2026-11-27', 1), day('2026-11-26', 10)], metadata: { total_pages: 1 } }

  it('sums days by key, the most expensive first, with exact totals', async () => {
    const { run, asked } = await gateway({ 'GET /user/daily/activity': report })
    const [code, stdout, stderr] = await run('spend')
    expect([code, stderr]).toEqual([0, 'From 2026-10-29 to 2026-11-27, UTC.\n'])
    expect(asked).toEqual([
      'GET /user/daily/activity?start_date=2026-10-29&end_date=2026-11-27&page=1&page_size=1000',
    ])
    expect(stdout).toBe(
      [
        'key           alias  requests  failed  tokens in  tokens out  cost USD',
        'bccccccccccc                4       2         40           4       2.2',
        'aaaaaaaaaaaa  web           2       2         20           2       1.1',
        '────────────  ─────  ────────  ──────  ─────────  ──────────  ────────',
        'total                       6       4         60           6       3.3',
        '',
      ].join('\n'),
    )
  })

  it.each<[by: string, path: string, names: string[]]>([
    ['model', 'user', ['gpt-x']],
    ['user', 'user', ['u-1']],
    ['team', 'team', ['u-1']],
    ['tag', 'tag', ['u-1']],
    ['agent', 'agent', ['u-1']],
    ['customer', 'customer', ['u-1']],
    ['organization', 'organization', ['u-1']],
    ['provider', 'user', []],
    ['day', 'user', ['2026-11-26', '2026-11-27']],
  ])('--by %s', async (by, path, names) => {
    const { run } = await gateway({ [`GET /${path}/daily/activity`]: report })
    const [code, stdout] = await run('spend', '--by', by, '--since', '7d', '--json')
    const read = JSON.parse(stdout) as { rows: { name: string }[]; from: string; total: { cost_usd: string } }
    expect(code).toBe(0)
    expect(read.rows.map(({ name }) => name)).toEqual(names)
    expect([read.from, read.total.cost_usd]).toEqual(['2026-11-21', names.length === 0 ? '0' : '3.3'])
  })

  it.each<[words: string[], said: RegExp]>([
    [['--by', 'colour'], /Allowed choices are key, team, model/],
    [['--since', 'ever'], /--since ever is no day/],
  ])('%o says what is wrong', async (words, said) => {
    const { run, asked } = await gateway({})
    const [code, , stderr] = await run('spend', ...words)
    expect([code, stderr, asked]).toEqual([1, expect.stringMatching(said), []])
  })
})
