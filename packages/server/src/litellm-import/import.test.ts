import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { openCredential } from '../models/stored-credential.ts'
import { openModel } from '../models/stored-model.ts'
import { sumDays } from '../ledger/reports/daily.ts'
import { verify } from '../ledger/verify.ts'
import { createWindows } from '../policy/windows.ts'
import type { Database } from '../store/database.ts'
import { createSealer } from '../store/seal.ts'
import { memberTable } from '../store/tables/members.ts'
import { resourceTable } from '../store/tables/resources.ts'
import { testDatabases } from '../store/testing/databases.ts'
import { createDecrypt } from './decrypt.ts'
import { importLitellm } from './import.ts'
import type { ImportInput } from './import.ts'
import type { ImportReport } from './report.ts'
import { makeLitellm } from './testing/litellm.ts'

const NOW_MS = Date.UTC(2026, 10, 27, 12)

const sealer = createSealer([{ reveal: () => 'a long random text' }])
const countedKinds = ['global', 'organization', 'team', 'team_member', 'user', 'key', 'tag']

let current: Database
let early: Database
beforeAll(async () => {
  current = (await makeLitellm('litellm.sql')).database
  early = (await makeLitellm('early-litellm.sql')).database
})

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

const counts = ({ kinds }: ImportReport): Record<string, number[]> =>
  Object.fromEntries(
    kinds
      .filter(({ from }) => !/DeprecatedVerificationToken|Daily/.test(from))
      .map(({ what, found, created, updated, kept, leftOut }) => [
        what,
        [found, created, updated, kept, leftOut],
      ]),
  )

describe.each(testDatabases)('an import into $dialect', ({ open }) => {
  let ids = 0
  const run = async (target: Database, input: Partial<ImportInput> = {}): Promise<ImportReport> =>
    await importLitellm({
      source: current,
      target,
      update: false,
      dryRun: false,
      windows: createWindows(),
      global: { max_budget: 1000, budget_duration: 'monthly' },
      secrets: { decrypt: await createDecrypt(['sk-salt']), sealer, canSeal: true },
      masterKeyHash: hashOf('sk-master'),
      nowMs: NOW_MS,
      newId: () => `id-${(ids += 1)}`,
      ...input,
    })

  /** What every scope has spent, in its window. */
  const balances = async (target: Database, ...kinds: string[]): Promise<Record<string, string>> => {
    const rows = await target.kysely
      .selectFrom('balances')
      .selectAll()
      .where('scope_kind', 'in', kinds)
      .execute()
    return Object.fromEntries(
      rows.map((row) => [`${row.scope_kind}:${row.scope_id}`, `${row.settled_pico_usd} ${row.window_id}`]),
    )
  }

  it('takes over everything, with its ids, its limits and what was spent', async () => {
    const target = await open()
    const report = await run(target)
    expect(counts(report)).toEqual({
      budgets: [2, 2, 0, 0, 0],
      organizations: [1, 1, 0, 0, 0],
      users: [4, 3, 0, 0, 1],
      teams: [1, 1, 0, 0, 0],
      keys: [5, 3, 0, 0, 2],
      customers: [1200, 1200, 0, 0, 0],
      tags: [1, 1, 0, 0, 0],
      credentials: [1, 1, 0, 0, 0],
      models: [3, 2, 0, 0, 1],
    })
    expect(await resourceTable('keys').get(target.kysely, hashOf('sk-web'))).toEqual({
      id: hashOf('sk-web'),
      alias: 'web',
      user_id: 'u-ann',
      team_id: 'red',
      organization_id: null,
      budget_id: null,
      expires_ms: null,
      created_ms: Date.UTC(2026, 1, 1),
      created_by: null,
      updated_ms: expect.any(Number),
      updated_by: null,
      version: 1,
      data: {
        key_name: 'sk-...-web',
        models: ['gpt'],
        metadata: { owner: 'web' },
        tags: ['prod'],
        max_budget: 10,
        budget_duration: '30d',
        rpm_limit: 60,
        object_permission: { object_permission_id: 'perm', mcp_servers: ['tools'] },
      },
    })
    expect(await resourceTable('teams').get(target.kysely, 'red')).toMatchObject({
      alias: 'Red',
      organization_id: 'acme',
      data: { models: ['gpt'], model_aliases: { fast: 'gpt' }, tags: ['red'], max_budget: 100 },
    })
    expect(await memberTable('team_members').ofGroups(target.kysely, ['red'])).toMatchObject([
      { userId: 'u-ann', role: 'admin', data: { user_email: 'ann@acme.example' } },
      { userId: 'u-bob', role: 'user', data: { max_budget: 2.5, rpm_limit: 10, allowed_models: ['gpt'] } },
    ])
    expect(await memberTable('organization_members').ofUsers(target.kysely, ['u-ann'])).toMatchObject([
      { groupId: 'acme', role: 'org_admin' },
    ])
    const gpt = await resourceTable('models').get(target.kysely, 'm-gpt')
    expect(gpt).toMatchObject({
      model_name: 'gpt',
      data: { litellm_params: { model: 'openai/gpt-x', rpm: 100 } },
    })
    expect(gpt === undefined ? undefined : await openModel(gpt, sealer)).toMatchObject({
      litellm_params: { model: 'openai/gpt-x', api_key: 'sk-provider-1', rpm: 100 },
    })
    const credential = await resourceTable('credentials').get(target.kysely, 'acme-openai')
    expect(credential === undefined ? undefined : await openCredential(credential, sealer)).toEqual({
      api_key: 'sk-provider-1',
    })

    const users = await resourceTable('users').list(target.kysely, { orderBy: 'id', direction: 'asc' })
    expect(users.map(({ id, email, role }) => [id, email, role])).toEqual([
      ['u-ann', 'ann@acme.example', 'internal_user'],
      ['u-bob', null, 'internal_user'],
      ['u-twin', null, 'internal_user_viewer'],
    ])

    const month = (createdMs: number): string => `1mo/2026-11-01@${createdMs.toString(36)}`
    expect(await balances(target, ...countedKinds)).toEqual({
      [`key:${hashOf('sk-web')}`]: `100000000000 ${month(Date.UTC(2026, 1, 1))}`,
      [`key:${hashOf('sk-bob')}`]: `150000 all@${Date.UTC(2026, 1, 2).toString(36)}`,
      'team:red': `100000000000 ${month(Date.UTC(2026, 0, 3))}`,
      'team_member:red/u-bob': `70000000000 1w/2026-11-23@${Date.UTC(2026, 0, 3).toString(36)}`,
      'user:u-ann': `200000000000 all@${Date.UTC(2026, 0, 2).toString(36)}`,
      'user:u-bob': `70000000000 all@${Date.UTC(2026, 0, 2).toString(36)}`,
      'organization:acme': `300000000000 ${month(Date.UTC(2026, 0, 2))}`,
      'tag:prod': '40000000000 1mo/2026-11-01',
      'global:': '370000000000 1mo/2026-11-01',
    })
    expect(report.kinds.map(({ what, spentPicoUsd }) => [what, spentPicoUsd])).toContainEqual([
      'keys',
      100_000_150_000n,
    ])
    expect((await verify(target)).drifts).toEqual([])
  })

  it('takes over the sums of days, once however often it is repeated', async () => {
    const target = await open()
    await run(target)
    const report = await run(target)
    expect(
      report.kinds
        .filter(({ found, from }) => found > 0 && from.includes('Daily'))
        .map(({ what, found, spentPicoUsd }) => [what, found, spentPicoUsd]),
    ).toEqual([
      ['days of users', 2, 300_000_150_000n],
      ['days of teams', 1, 300_000_000_000n],
    ])
    const sums = await sumDays(target.kysely, {
      kind: 'user',
      fromDay: 0,
      toDay: 99_999,
      by: ['day', 'scope_id', 'model', 'provider', 'endpoint'],
    })
    expect(sums).toMatchObject([
      {
        day: Date.UTC(2026, 10, 25) / 86_400_000,
        scope_id: 'u-ann',
        model: 'gpt-x',
        provider: 'openai',
        endpoint: 'litellm:/chat/completions',
        cost_pico_usd: 300_000_000_000n,
        input_tokens: 120,
        output_tokens: 15,
        requests: 4,
        successful_requests: 3,
        failed_requests: 1,
      },
    ])
    for (const [kind, picoUsd] of [
      ['global', 300_000_150_000n],
      ['key', 300_000_150_000n],
      ['team', 300_000_000_000n],
    ] as const)
      expect(await sumDays(target.kysely, { kind, fromDay: 0, toDay: 99_999, by: [] })).toMatchObject([
        { cost_pico_usd: picoUsd },
      ])
    expect((await verify(target)).drifts).toEqual([])
  })

  it('says what is not taken over, and why', async () => {
    const { notes, leftTables } = await run(await open())
    expect(leftTables).toEqual([
      { table: 'LiteLLM_ProjectTable', rows: 1, why: 'this release has nothing of the kind' },
      { table: 'LiteLLM_SpendLogs', rows: 30, why: 'logs of single requests stay in the old database' },
    ])
    const said = notes.map(({ what, message, count }) => `${what} ${count}: ${message}`)
    for (const note of [
      'users 1: left out: it stands for everybody: their budget is litellm_settings.max_budget',
      'users 1: without its address: another has the same',
      'users 1: without password: passwords are not taken over: they are for the dashboard',
      'keys 1: without its alias: another has the same',
      'keys 1: without a_column_of_next_year: this release has nothing of the kind',
      "keys 1: left out: it is a session of LiteLLM's dashboard",
      'keys 1: left out: it is the master key',
      'models 1: left out: it is encrypted with another key: set LITELLM_SALT_KEY to what LiteLLM has',
    ])
      expect(said).toContain(note)
    expect(JSON.stringify(notes)).not.toContain('scrypt')
  })

  it('changes nothing in a dry run', async () => {
    const target = await open()
    const dry = await run(target, { dryRun: true })
    for (const table of ['keys', 'budgets', 'customers'] as const)
      expect(await resourceTable(table).count(target.kysely)).toBe(0)
    expect(await balances(target, 'key')).toEqual({})
    expect(await run(target)).toEqual(dry)
  })

  it('changes nothing when it is repeated', async () => {
    const target = await open()
    await run(target)
    const before = await balances(target, 'global', 'key', 'end_user')
    const again = counts(await run(target))
    expect(again['keys']).toEqual([5, 0, 0, 3, 2])
    expect(again['customers']).toEqual([1200, 0, 0, 1200, 0])
    expect(await balances(target, 'global', 'key', 'end_user')).toEqual(before)
  })

  it('brings what is here up to date when it is told to, spend included', async () => {
    const target = await open()
    await run(target)
    const before = await balances(target, 'key', 'end_user')
    const table = resourceTable('keys')
    const web = await table.get(target.kysely, hashOf('sk-web'))
    if (web !== undefined)
      await table.update(target.kysely, { ...web, alias: 'mine', data: { max_budget: 1 } })
    const report = await run(target, { update: true, nowMs: NOW_MS + 60_000 })
    expect(counts(report)['keys']).toEqual([5, 0, 3, 0, 2])
    expect(await table.get(target.kysely, hashOf('sk-web'))).toMatchObject({
      alias: 'web',
      version: 3,
      data: { max_budget: 10 },
    })
    expect(await balances(target, 'key', 'end_user')).toEqual(before)
    expect((await verify(target)).drifts).toEqual([])
  })

  it('reads what an early release wrote', async () => {
    const target = await open()
    const report = await run(target, { source: early })
    expect(counts(report)).toMatchObject({
      keys: [1, 1, 0, 0, 0],
      teams: [1, 1, 0, 0, 0],
      users: [0, 0, 0, 0, 0],
    })
    expect(await resourceTable('keys').get(target.kysely, hashOf('sk-early'))).toMatchObject({
      team_id: 'blue',
      data: { max_budget: 5 },
    })
    expect(await memberTable('team_members').ofGroups(target.kysely, ['blue'])).toMatchObject([
      { userId: 'u-ann', role: 'admin' },
      { userId: 'u-bob', role: 'user' },
    ])
  })
})
