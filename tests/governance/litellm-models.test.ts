import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Json } from './support/admin.ts'
import { at, describeProxy, soon } from './support/litellm-proxy.ts'

describeProxy('models', (proxy, gateway) => {
  const mock = { mock_response: 'not asked' }
  const allowed = async (key: string, model: string): Promise<number> =>
    (await proxy.chat(key, model, mock)).status
  const refusal = async (key: string, model: string): Promise<Json> => {
    const { status, body } = await proxy.chat(key, model, mock)
    return { status, ...(body['error'] as Json) }
  }
  const denied = (whose: string): object => ({
    status: 403,
    type: `${whose}_model_access_denied`,
    param: 'model',
    code: '403',
    message: expect.stringContaining(`${whose} not allowed to access model`),
  })

  const lists: readonly [models: string[] | undefined, model: string, may: boolean][] = [
    [['house'], 'house', true],
    [['house'], 'other', false],
    [['openai/*'], 'openai/gpt-5.5', true],
    [['openai/*'], 'anthropic/claude-2', false],
    [['anthropic/claude-3*'], 'anthropic/claude-3-opus', true],
    [['anthropic/claude-3*'], 'anthropic/claude-2', false],
    [['beta'], 'grouped', true],
    [['beta'], 'house', false],
    [['all-proxy-models'], 'house', true],
    [[], 'house', true],
    [undefined, 'house', true],
  ]

  it.each(lists)('a key with %o asks for %s: %s', async (models, model, may) => {
    const key = await proxy.newKey({ models })
    if (may) expect(await allowed(key, model)).toBe(200)
    else expect(await refusal(key, model)).toMatchObject(denied('key'))
  })

  it('of a team bind all of its keys, and change for them at once', async () => {
    const team_id = await proxy.newTeam({ models: ['openai/gpt-5.5'], name: 'a field that nobody knows' })
    const key = await proxy.newKey({ team_id })
    expect(await allowed(key, 'openai/gpt-5.5')).toBe(200)
    expect(await refusal(key, 'openai/gpt-5-mini')).toMatchObject(denied('team'))
    await proxy.ask('/team/update', { team_id, models: ['openai/*'] })
    expect(await allowed(key, 'openai/gpt-5-mini')).toBe(200)
    expect(await refusal(key, 'anthropic/claude-2')).toMatchObject(denied('team'))
  })

  it('that a key may use are those it is shown', async () => {
    const key = await proxy.newKey({ models: ['house'] })
    const names = async (path: string, name: string): Promise<unknown[]> =>
      (at(await proxy.ask(path, undefined, key), 'data') as Json[]).map((one) => one[name])
    expect(await names('/models', 'id')).toEqual(['house'])
    expect(await names('/model_group/info', 'model_group')).toEqual(['house'])
    expect(await names('/model/info', 'model_name')).toEqual(['house'])
    expect(await names('/models?only_model_access_groups=True', 'id')).toEqual([])
    const [id] = await names('/model/info', 'model_info')
    const single = await proxy.ask(`/model/info?litellm_model_id=${String(at(id, 'id'))}`, undefined, key)
    expect(single).toEqual(await proxy.ask('/model/info', undefined, key))
  })

  it('behind a pattern are shown by their names', async () => {
    const groups = (at(await proxy.ask('/model_group/info'), 'data') as Json[]).map(
      (one) => one['model_group'],
    )
    expect(groups).toContain('anthropic/claude-sonnet-4-5')
    expect(groups).not.toContain('anthropic/*')
  })

  it('say in which region they are', async () => {
    expect((await proxy.chat(await proxy.newKey(), 'eu')).headers.get('x-litellm-model-region')).toBe('eu')
  })

  describe('that are kept in the database', () => {
    const params = () => ({
      model: 'openai/stored',
      api_key: 'sk-x',
      api_base: `${gateway().provider.url}/v1`,
    })

    it('serve until they are deleted', async () => {
      const [id, model_name] = [randomUUID(), `stored-${randomUUID()}`]
      const key = await proxy.newKey()
      const made = await proxy.ask('/model/new', { model_name, litellm_params: params(), model_info: { id } })
      expect(made).toMatchObject({ model_id: id, model_name, model_info: { id, db_model: true } })
      expect((await proxy.chat(key, model_name)).status).toBe(200)
      await proxy.ask('/model/delete', { id })
      expect((await proxy.chat(key, model_name)).status).toBe(404)
    })

    it('can be one team’s, which calls them by their public name', async () => {
      const team_id = await proxy.newTeam({ models: ['house'] })
      const model_name = `own-${randomUUID()}`
      const made = await proxy.ask('/model/new', {
        model_name,
        litellm_params: params(),
        model_info: { team_id },
      })
      const team = await proxy.ask(`/team/info?team_id=${team_id}`)
      expect(at(team, 'team_info', 'models')).toEqual(['house', model_name])
      const key = await proxy.newKey({ team_id, models: [model_name] })
      expect((await proxy.chat(key, model_name)).status).toBe(200)
      const shown = at(await proxy.ask('/models', undefined, key), 'data') as Json[]
      expect(shown.map(({ id }) => id)).toEqual([model_name])

      const stranger = await proxy.newKey()
      for (const name of [model_name, String(made['model_name'])])
        expect((await proxy.chat(stranger, name)).status).toBe(404)

      await proxy.ask('/model/delete', { id: at(made, 'model_info', 'id') })
      const after = await proxy.ask(`/team/info?team_id=${team_id}`)
      expect(at(after, 'team_info', 'models')).toEqual(['house'])
    })
  })
})

describeProxy('what went wrong', (proxy) => {
  const paths: readonly [path: string, body: object][] = [
    ['/v1/chat/completions', { messages: [{ role: 'user', content: 'Hello!' }] }],
    ['/v1/completions', { prompt: 'Hello!' }],
    ['/v1/embeddings', { input: 'Hello!' }],
  ]

  it.each(paths)('%s without a model is 400', async (path, body) => {
    expect(await proxy.call(path, body, await proxy.newKey())).toMatchObject({
      status: 400,
      body: { error: { param: 'model', message: expect.stringMatching(/./) } },
    })
  })

  it.each(paths)('%s for a model that the key was given and nobody serves is 400', async (path, body) => {
    const key = await proxy.newKey({ models: ['non-existent-model'] })
    expect(await proxy.call(path, { ...body, model: 'non-existent-model' }, key)).toMatchObject({
      status: 400,
      body: {
        error: { type: 'invalid_request_error', message: expect.stringContaining('Invalid model name') },
      },
    })
  })

  it.each(paths)('%s for a model that nobody has heard of is 404', async (path, body) => {
    const key = await proxy.newKey()
    expect((await proxy.call(path, { ...body, model: 'non-existent-model' }, key)).status).toBe(404)
  })

  it('is logged at no cost under the call’s id', async () => {
    const key = await proxy.newKey({ models: ['non-existent-model'] })
    const { headers } = await proxy.chat(key, 'non-existent-model')
    const id = headers.get('x-litellm-call-id')
    const logs = await soon(async () => {
      const found = await proxy.ask(`/spend/logs?request_id=${id}`)
      expect(found).toHaveLength(1)
      return found
    })
    expect(at(logs, 0)).toMatchObject({
      request_id: id,
      model: 'unknown-model',
      model_group: 'non-existent-model',
      spend: 0,
      total_tokens: 0,
      cache_hit: 'False',
      response: {},
      metadata: {
        status: 'failure',
        user_api_key: expect.any(String),
        error_information: {
          error_code: '400',
          error_class: 'BadRequestError',
          error_message: expect.stringContaining('non-existent-model'),
          traceback: '',
        },
      },
    })
  })

  const strangers: readonly [key: string, status: number, type: string][] = [
    ['sk-nobody-has-this', 401, 'token_not_found_in_db'],
    ['no-key-at-all', 401, 'auth_error'],
  ]
  it.each(strangers)('%s gets %d %s', async (key, status, type) => {
    const told = await proxy.chat(key, 'house')
    expect([told.status, at(told.body, 'error', 'type')]).toEqual([status, type])
  })

  it.each(['/health/readiness', '/health/liveliness', '/routes'])('%s needs no key', async (path) => {
    expect((await proxy.call(path, undefined, '')).status).toBe(200)
  })

  it('/health/readiness/details does', async () => {
    const path = '/health/readiness/details'
    expect((await proxy.call(path, undefined, 'sk-nobody-has-this')).status).toBe(401)
    expect(await proxy.ask(path)).toMatchObject({ status: 'healthy', db: 'connected' })
  })
})
