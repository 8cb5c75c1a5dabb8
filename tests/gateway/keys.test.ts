import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway } from '../../packages/server/src/app.ts'
import type { Gateway } from '../../packages/server/src/app.ts'
import { loadConfig } from '../../packages/server/src/config/index.ts'
import { demoModel } from '../../packages/server/src/demo/demo-model.ts'
import { createServices } from '../../packages/server/src/services.ts'
import { createChanges } from '../../packages/server/src/store/changes.ts'
import type { Changes } from '../../packages/server/src/store/changes.ts'
import { testDatabases } from '../../packages/server/src/store/testing/databases.ts'

const MASTER_KEY = 'sk-master'
const YAML = `
model_list:
  - {model_name: one, litellm_params: {model: demo/echo}}
  - {model_name: two, litellm_params: {model: demo/echo}, model_info: {access_groups: [beta]}}
general_settings: {master_key: ${MASTER_KEY}}
`
const log = { warn: () => undefined, info: () => undefined }

type Json = Record<string, unknown>

describe.each(testDatabases)('keys over HTTP with $dialect', ({ open }) => {
  let gateway: Gateway
  let changes: Changes
  const clock = { offsetMs: 0 }

  beforeAll(async () => {
    const database = await open()
    changes = await createChanges({ database, instance: 'one', log })
    const loaded = await loadConfig({ path: 'c.yaml', readFile: () => Promise.resolve(YAML), env: {} })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.findings))
    const services = createServices({
      config: loaded.config,
      version: '1',
      env: () => undefined,
      localModels: [demoModel],
      store: { database, changes },
      nowMs: () => Date.now() + clock.offsetMs,
    })
    gateway = await startGateway(services, { host: '127.0.0.1', port: 0 })
  })
  afterAll(async () => {
    await gateway.close(0)
    await changes.close()
  })

  async function ask(path: string, body?: Json, key = MASTER_KEY): Promise<{ status: number; body: Json }> {
    const response = await fetch(gateway.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Json }
  }

  async function admin(path: string, body: Json): Promise<Json> {
    const answer = await ask(path, body)
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  const generate = async (fields: Json = {}): Promise<string> =>
    String((await admin('/key/generate', fields)).key)

  /** The status of a call to a model and LiteLLM's type of the error. */
  async function chat(key: string, model = 'one', more: Json = {}): Promise<string> {
    const messages = [{ role: 'user', content: 'hi' }]
    const { status, body } = await ask('/v1/chat/completions', { model, messages, ...more }, key)
    return status === 200 ? '200' : `${status} ${(body.error as Json).type}`
  }

  test('what a key may use', async () => {
    const key = await generate({ models: ['one'], aliases: { mine: 'one' } })
    expect(await chat(key)).toBe('200')
    expect(await chat(key, 'mine')).toBe('200')
    expect(await chat(key, 'two')).toBe('403 key_model_access_denied')
    const { body } = await ask('/v1/models', undefined, key)
    expect((body.data as Json[]).map(({ id }) => id)).toEqual(['one'])
    expect((await ask('/v1/models/two', undefined, key)).status).toBe(404)
    expect(((await ask('/model/info', undefined, key)).body.data as Json[]).length).toBe(1)
  })

  test('a change counts for the next request', async () => {
    const key = await generate({ models: ['one'] })
    expect(await chat(key)).toBe('200')
    await admin('/key/update', { key, models: ['two'] })
    expect(await chat(key)).toBe('403 key_model_access_denied')
    await admin('/key/block', { key })
    expect(await chat(key, 'two')).toBe('401 auth_error')
    await admin('/key/unblock', { key })
    expect(await chat(key, 'two')).toBe('200')
    await admin('/key/delete', { keys: [key] })
    expect(await chat(key, 'two')).toBe('401 token_not_found_in_db')
  })

  test('a team’s list, and its being shut, count for its keys', async () => {
    const { team_id: id } = await admin('/team/new', { team_alias: 'T', models: ['beta'] })
    const key = await generate({ team_id: id })
    expect([await chat(key, 'two'), await chat(key)]).toEqual(['200', '403 team_model_access_denied'])
    await admin('/team/update', { team_id: id, models: ['one'] })
    expect([await chat(key, 'two'), await chat(key)]).toEqual(['403 team_model_access_denied', '200'])
    await admin('/team/block', { team_id: id })
    expect(await chat(key)).toBe('401 auth_error')
  })

  test('an end user who is blocked', async () => {
    const key = await generate()
    expect(await chat(key, 'one', { user: 'end' })).toBe('200')
    await admin('/customer/block', { user_ids: ['end'] })
    expect(await chat(key, 'one', { user: 'end' })).toBe('400 auth_error')
    expect(await chat(key)).toBe('200')
  })

  test('routes', async () => {
    const models = await generate({ key_type: 'llm_api' })
    expect(await chat(models)).toBe('200')
    const refused = await ask('/key/generate', {}, models)
    expect(refused.status).toBe(403)
    expect(JSON.stringify(refused.body)).toContain('not allowed to call this route')
    const reading = await generate({ key_type: 'read_only' })
    expect(await chat(reading)).toBe('403 auth_error')
    expect((await ask('/key/info', undefined, reading)).status).toBe(200)
  })

  test('a key that was rotated is good for a time, to the end of it', async () => {
    const old = await generate({ models: ['one'] })
    expect(await chat(old)).toBe('200')
    const fresh = String((await admin('/key/regenerate', { key: old, grace_period: '1h' })).key)
    expect([await chat(old), await chat(fresh)]).toEqual(['200', '200'])
    await admin('/key/update', { key: fresh, models: ['two'] })
    expect(await chat(old)).toBe('403 key_model_access_denied')
    clock.offsetMs = 3_600_001
    expect(await chat(old, 'two')).toBe('401 expired_key')
    expect(await chat(fresh, 'two')).toBe('200')
    clock.offsetMs = 0
  })

  test('without grace the old key is gone', async () => {
    const old = await generate()
    const fresh = String((await admin('/key/regenerate', { key: old })).key)
    expect([await chat(old), await chat(fresh)]).toEqual(['401 token_not_found_in_db', '200'])
  })

  test('what is no key gets nothing, whatever it holds', async () => {
    for (const key of ["' OR 1=1--", "sk-x'; DROP TABLE keys;--", 'sk-', 'a.b.c'])
      expect(await chat(key)).toMatch(/^401 /)
    expect(await chat(await generate())).toBe('200')
  })
})
