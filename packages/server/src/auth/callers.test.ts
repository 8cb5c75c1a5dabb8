import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createUndiciTransport } from '@switchyard/llm/kit'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../config/index.ts'
import { Loopback } from '../http/testing/loopback.ts'
import { createChanges } from '../store/changes.ts'
import type { Changes } from '../store/changes.ts'
import type { Database } from '../store/database.ts'
import { resourceTable } from '../store/tables/resources.ts'
import { testDatabases } from '../store/testing/databases.ts'
import { createCallers } from './callers.ts'
import type { Callers } from './callers.ts'
import type { Principal } from './principal.ts'
import { hashKey } from './virtual-key.ts'

const log = { warn: () => undefined, error: () => undefined, info: () => undefined }
const NOW_MS = Date.UTC(2026, 10, 27)

async function open(
  { general = '', litellm = '', path = 'config.yaml', env = {} },
  store?: { database: Database; changes: Changes },
): Promise<Callers> {
  const yaml = `model_list: []\ngeneral_settings: {${general}}\nlitellm_settings: {${litellm}}\n`
  const loaded = await loadConfig({ path, readFile: () => Promise.resolve(yaml), env })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.findings))
  return createCallers({
    config: loaded.config,
    store,
    log,
    auth: { transport: createUndiciTransport() },
    nowMs: () => NOW_MS,
    monotonicMs: () => 0,
  })
}

async function told(found: () => Principal | Promise<Principal> | undefined): Promise<string> {
  try {
    const { type, keyHash, userId, teamId } = (await found()) ?? {}
    return [type, keyHash?.slice(0, 4), userId, teamId].filter((word) => word !== undefined).join(' ')
  } catch (error) {
    return String((error as { reason?: string }).reason ?? error)
  }
}

test('without a database only the master key is known, and everything is counted', async () => {
  const callers = await open({ litellm: 'max_budget: 5, budget_duration: 1d' })
  expect(callers.keys).toBeUndefined()
  expect(callers.master.limits).toMatchObject([
    { scope: { kind: 'global' }, budgets: [{ maxPicoUsd: 5_000_000_000_000n, duration: '1d' }] },
    { scope: { kind: 'user', id: 'default_user_id' } },
    { scope: { kind: 'key', id: 'master' } },
  ])
  expect(await callers.endUser('e')).toMatchObject({ limits: { scope: { kind: 'end_user', id: 'e' } } })
  expect(await callers.tag('t')).toMatchObject({ scope: { kind: 'tag', id: 't' } })
})

test('a hook that is not there stops the start', async () => {
  await expect(open({ general: 'custom_auth: "./none.ts:authenticate"' })).rejects.toThrow('none.ts')
})

const row = (id: string) => ({
  id,
  created_ms: 1,
  created_by: null,
  updated_ms: 1,
  updated_by: null,
  version: 1,
})

describe.each(testDatabases)('callers in $dialect', ({ open: openDatabase }) => {
  let store: { database: Database; changes: Changes }
  let folder: string
  const ends: (() => unknown)[] = []
  const keys = resourceTable('keys')
  const budgets = resourceTable('budgets')

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'switchyard-hook-'))
    ends.push(() => rm(folder, { recursive: true }))
    const database = await openDatabase()
    const changes = await createChanges({ database, instance: 'one', log })
    ends.push(() => changes.close())
    store = { database, changes }
    const { kysely } = database
    const ownerless = { alias: null, user_id: null, team_id: null, organization_id: null, budget_id: null }
    await keys.insert(kysely, {
      ...row(hashKey('sk-1')),
      ...ownerless,
      user_id: 'u',
      expires_ms: null,
      data: {},
    })
    await budgets.insert(kysely, { ...row('default'), data: { max_budget: 1 } })
    await resourceTable('teams').insert(kysely, { ...row('t'), alias: null, organization_id: null, data: {} })
    await resourceTable('users').insert(kysely, {
      ...row('u'),
      email: null,
      role: 'internal_user',
      sso_user_id: null,
      data: {},
    })
  })
  afterAll(async () => {
    for (const end of ends) await end()
  })

  test('a key that is deleted is known no more, at once', async () => {
    const callers = await open({}, store)
    const ask = () => told(() => callers.keys?.get('sk-2', 'Bearer sk-2'))
    const key = {
      ...row(hashKey('sk-2')),
      alias: null,
      user_id: null,
      team_id: 't',
      organization_id: null,
      budget_id: null,
      expires_ms: null,
      data: {},
    }
    expect(await ask()).toBe('invalid_api_key')
    await store.changes.transaction(async (trx, tell) => {
      await keys.insert(trx, key)
      tell({ kind: 'key', id: key.id })
    })
    expect(await ask()).toBe(`key ${key.id.slice(0, 4)} t`)
    expect(callers.keys?.peek('Bearer sk-2')?.teamId).toBe('t')
    await store.changes.transaction(async (trx, tell) => {
      await keys.delete(trx, [key.id])
      tell({ kind: 'key', id: key.id })
    })
    expect(callers.keys?.peek('Bearer sk-2')).toBeUndefined()
    expect(await ask()).toBe('invalid_api_key')
    callers.close()
  })

  test('eight requests of an end user nobody knows have the default budget, and its change counts at once', async () => {
    const callers = await open({ litellm: 'max_end_user_budget_id: default' }, store)
    const budgetOf = async () => (await callers.endUser('new')).limits.budgets[0]?.maxPicoUsd
    const all = await Promise.all(Array.from({ length: 8 }, budgetOf))
    expect(new Set(all)).toEqual(new Set([1_000_000_000_000n]))
    await store.changes.transaction(async (trx, tell) => {
      const budget = await budgets.get(trx, 'default')
      if (budget !== undefined) await budgets.update(trx, { ...budget, data: { max_budget: 2 } })
      tell({ kind: 'budget', id: 'default' })
    })
    expect(await budgetOf()).toBe(2_000_000_000_000n)
    callers.close()
  })

  test('a hook names a key, a user or a team', async () => {
    const hook = `export const authenticate = ({ key }) => JSON.parse(key)`
    await writeFile(join(folder, 'auth.mjs'), hook)
    const callers = await open(
      { general: 'custom_auth: "./auth.mjs:authenticate"', path: join(folder, 'config.yaml') },
      store,
    )
    const ask = (identity: object | null) =>
      told(
        () =>
          callers.custom?.identify({
            key: JSON.stringify(identity),
            headers: {},
            method: 'POST',
            url: '/',
            address: undefined,
          }) as Promise<Principal>,
      )
    const hash = hashKey('sk-1')
    expect(await ask({ api_key: 'sk-1' })).toBe(`custom ${hash.slice(0, 4)} u`)
    expect(await ask({ api_key: hash })).toBe(`custom ${hash.slice(0, 4)} u`)
    expect(await ask({ api_key: 'sk-none' })).toBe('invalid_api_key')
    expect(await ask({ user_id: 'u' })).toBe('custom  u')
    expect(await ask({ user_id: 'nobody' })).toBe('custom  nobody')
    expect(await ask({ user_id: 'u', team_id: 't' })).toBe('custom  u t')
    expect(await ask({ team_id: 'none' })).toBe('token_not_allowed')
    expect(await ask(null)).toBe('')
    callers.close()
  })

  test('a token of the issuer whose keys are at an address', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256')
    const jwk = { ...(await exportJWK(publicKey)), kid: '1', alg: 'RS256' }
    const issuer = await Loopback.listen((_request, response) =>
      response.end(JSON.stringify({ keys: [jwk] })),
    )
    ends.push(() => issuer[Symbol.asyncDispose]())
    const env = { JWT_PUBLIC_KEY_URL: issuer.url('/jwks'), JWT_ISSUER: 'me', JWT_AUDIENCE: 'gateway' }
    const callers = await open(
      { general: 'enable_jwt_auth: true, litellm_jwtauth: {user_id_jwt_field: sub}', env },
      store,
    )
    const sign = (claims: Record<string, unknown>) =>
      new SignJWT({ iss: 'me', aud: 'gateway', exp: NOW_MS / 1000 + 60, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: '1' })
        .sign(privateKey)
    const ask = async (claims: Record<string, unknown>) => {
      const token = await sign(claims)
      return told(() => callers.tokens?.get(token, token))
    }
    expect(await ask({ sub: 'u' })).toBe('jwt  u')
    expect(await ask({ sub: 'nobody' })).toBe('token_not_allowed')
    expect(await ask({ sub: 'u', aud: 'other' })).toBe('invalid_token')
    callers.close()
  })
})
