import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { servicesOf } from '../../gateway/testing/services.ts'
import type { Services } from '../../services.ts'
import { createHealth } from './health.ts'
import type { Health } from './health.ts'

let server: Server | undefined
afterEach(() => {
  server?.close()
  server = undefined
})

const ANSWER = {
  id: 'c',
  object: 'chat.completion',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  data: [{ index: 0, embedding: [0.5] }],
  results: [{ index: 0, relevance_score: 0.5 }],
  text: '',
}

interface Bench {
  readonly services: Services
  readonly health: Health
  /** What the provider answers with from now on. */
  status: number
  /** Models that it was asked for. */
  readonly asked: string[]
  readonly paths: string[]
  /** What is to run later, by its milliseconds. */
  readonly timers: Map<number, () => void>
}

async function bench(settings = '', modelInfo = '', model = 'openai/gpt-x'): Promise<Bench> {
  const asked: string[] = []
  const paths: string[] = []
  const state = { status: 200 }
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const isJson = request.headers['content-type'] === 'application/json'
      asked.push(isJson ? (JSON.parse(body) as { model: string }).model : '')
      paths.push(request.url ?? '')
      response.writeHead(state.status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(state.status === 200 ? ANSWER : { error: { message: 'no' } }))
    })
  })
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const services = await servicesOf(`
model_list:
  - model_name: chat
    litellm_params: { model: ${model}, api_base: 'http://127.0.0.1:${port}/v1', api_key: sk-1 }
    model_info: { id: one${modelInfo} }
  - model_name: here
    litellm_params: { model: openai/gpt-x, mock_response: Hello }
general_settings: { background_health_checks: true, health_check_interval: 60 }
router_settings: { enable_health_check_routing: true, health_check_staleness_threshold: 90${settings} }
`)
  const timers = new Map<number, () => void>()
  const health = createHealth({
    ...services,
    settings: services.config.health,
    engine: services.routing.engine,
    later: (ms, run) => {
      timers.set(ms, run)
      return () => timers.delete(ms)
    },
  })
  return Object.assign(state, { services, health, asked, paths, timers })
}

const stateOf = ({ services }: Bench) => {
  const found = services.deployments.byId('one')
  if (found === undefined) throw new Error('no deployment')
  return found.state
}
const check = ({ health, services }: Bench) => health.check(services.deployments.find('chat'))

describe('a check', () => {
  it.each([
    ['openai/gpt-x', '', '/v1/chat/completions'],
    ['openai/text-embedding-3-small', '', '/v1/embeddings'],
    ['openai/gpt-x', ', mode: embedding', '/v1/embeddings'],
    ['cohere/rerank-v3.5', '', '/v2/rerank'],
    ['litellm_proxy/house', ', mode: rerank', '/v1/rerank'],
    ['openai/whisper-1', '', '/v1/audio/transcriptions'],
    ['openai/house', ', mode: audio_transcription', '/v1/audio/transcriptions'],
  ])('of %s%s asks for little of what it is for', async (model, mode, path) => {
    const at = await bench('', mode, model)
    const [found] = await check(at)
    expect([found?.error, at.paths]).toEqual([undefined, [path]])
  })

  it('that fails leaves its deployment out until one succeeds', async () => {
    const at = await bench()
    at.status = 500
    const [result] = await check(at)
    expect(result).toMatchObject({ code: expect.any(String), error: expect.any(String) })
    expect(stateOf(at).unhealthy).toBe(result?.error)
    at.status = 200
    await check(at)
    expect(stateOf(at).unhealthy).toBeUndefined()
    expect(at.health.history().map(({ error }) => error === undefined)).toEqual([true, false])
    expect(at.health.latest('one')?.error).toBeUndefined()
  })

  it('holds no longer than health_check_staleness_threshold', async () => {
    const at = await bench()
    at.status = 500
    await check(at)
    at.timers.get(90_000)?.()
    expect(stateOf(at).unhealthy).toBeUndefined()
  })

  it.each([
    [429, '', 'ill'],
    [429, ', health_check_ignore_transient_errors: true', 'well'],
    [500, ', health_check_ignore_transient_errors: true', 'ill'],
    // A few tokens that are refused say nothing about other requests.
    [400, '', 'well'],
    [500, ', allowed_fails_policy: { TimeoutErrorAllowedFails: 3 }', 'well'],
  ])('with %i and "%s" finds it %s', async (status, settings, verdict) => {
    const at = await bench(settings)
    at.status = status
    const [result] = await check(at)
    expect(result?.error).toBeDefined()
    expect(stateOf(at).unhealthy === undefined).toBe(verdict === 'well')
  })

  it('F35 that succeeds ends a cooldown for refused credentials, and no other', async () => {
    const at = await bench()
    const state = stateOf(at)
    state.cooldown = { untilMs: Number.POSITIVE_INFINITY, code: 'authentication', why: 'refused' }
    await check(at)
    expect(state.cooldown).toBeUndefined()
    state.cooldown = { untilMs: Number.POSITIVE_INFINITY, code: 'rate_limit', why: 'limited' }
    await check(at)
    expect(state.cooldown).toBeDefined()
  })

  it('asks for health_check_model', async () => {
    const at = await bench('', ', health_check_model: openai/tiny')
    await check(at)
    expect(at.asked).toEqual(['tiny'])
  })
})

describe('background checks', () => {
  it('look at what can be asked, again and again until they are stopped', async () => {
    const at = await bench()
    at.health.start()
    await expect.poll(() => at.timers.has(60_000)).toBe(true)
    expect(at.asked).toEqual(['gpt-x'])
    at.timers.get(60_000)?.()
    await expect.poll(() => at.asked.length).toBe(2)
    at.health.stop()
    expect(at.health.history()).not.toHaveLength(0)
  })

  it('leave out disable_background_health_check', async () => {
    const at = await bench('', ', disable_background_health_check: true')
    at.health.start()
    await expect.poll(() => at.timers.has(60_000)).toBe(true)
    expect(at.asked).toEqual([])
  })
})
