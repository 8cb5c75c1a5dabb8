import { createError, isSwitchyardError } from '@switchyard/llm/kit'
import type { FailureCode } from '@switchyard/llm/kit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { GatewayAnswer } from '../answer.ts'
import { followLifetime } from '../lifetime.ts'
import type { Lifetime } from '../lifetime.ts'
import { callOf, chatBody, exchangeOf, FakeUpstream, servicesOf } from '../testing/services.ts'
import type { Exchange } from '../exchange.ts'
import type { Services } from '../../services.ts'
import { askDeployment, dispatch } from './dispatch.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const answer: GatewayAnswer = {
  type: 'whole',
  url: '',
  providerHeaders: {},
  body: Buffer.from('{}'),
  usage: undefined,
  model: undefined,
  id: undefined,
}

/** What each asking comes to: an answer, or how it fails. The last word holds for all that follow. */
type Script = Readonly<Record<string, readonly (FailureCode | 'answer' | 'elsewhere' | 'bug')[]>>

interface Run {
  exchange: Exchange
  services: Services
  lifetime: Lifetime
  /** The deployments that were asked, with the milliseconds after which; a wait shows as a jump. */
  asked: string[]
  outcome: Promise<string>
  now: () => number
}

async function start(
  script: Script,
  more: object = {},
  retryAfterMs?: number,
  lifeMs = 60_000,
): Promise<Run> {
  let nowMs = 0
  const advance = vi.advanceTimersByTime.bind(vi)
  const list = Object.keys(script)
    .map((id) => `{model_name: gpt, litellm_params: {model: openai/m}, model_info: {id: ${id}}}`)
    .join(', ')
  const services = await servicesOf(`model_list: [${list}]\nrouter_settings: {num_retries: 2}`, {
    monotonicMs: () => nowMs,
    // The first of those that are left.
    random: () => 0,
  })
  const exchange = exchangeOf()
  const lifetime = followLifetime(exchange.response, lifeMs, services.monotonicMs)
  const sleep = lifetime.sleep.bind(lifetime)
  lifetime.sleep = (ms) => {
    const sleeping = sleep(ms)
    nowMs += ms
    advance(ms)
    return sleeping
  }
  const asked: string[] = []
  const count = new Map<string, number>()
  const ask = async (
    _exchange: unknown,
    _call: unknown,
    deployment: { id: string },
  ): Promise<GatewayAnswer> => {
    asked.push(`${deployment.id}${nowMs > 0 ? ' later' : ''}`)
    const words = script[deployment.id] ?? []
    const index = count.get(deployment.id) ?? 0
    count.set(deployment.id, index + 1)
    const word = words[Math.min(index, words.length - 1)] ?? 'answer'
    if (word === 'answer') return answer
    if (word === 'bug') throw new TypeError('a bug')
    if (word === 'elsewhere')
      throw createError({
        code: 'bad_request',
        reason: 'response_state_unavailable',
        message: 'not here',
        provider: 'openai',
      })
    throw createError({ code: word, message: `${deployment.id} failed`, provider: 'openai', retryAfterMs })
  }
  const call = callOf(chatBody(more))
  const outcome = dispatch(exchange, call, services.deployments.find('gpt'), lifetime, services, ask).then(
    () => 'answer',
    (error: unknown) => (isSwitchyardError(error) ? error.code : String(error)),
  )
  return { exchange, services, lifetime, asked, outcome, now: () => nowMs }
}

describe('who is asked', () => {
  test.each<[string, Script, string[], string]>([
    ['one that answers', { a: ['answer'] }, ['a'], 'answer'],
    ['a sibling without waiting', { a: ['overloaded'], b: ['answer'] }, ['a', 'b'], 'answer'],
    ['the same again after a wait', { a: ['overloaded', 'answer'] }, ['a', 'a later'], 'answer'],
    [
      'all siblings before anyone again',
      { a: ['timeout'], b: ['timeout'] },
      ['a', 'b', 'a later'],
      'timeout',
    ],
    ['as often as is allowed', { a: ['internal'] }, ['a', 'a later', 'a later'], 'internal'],
    ['nobody else for a mistake of the client', { a: ['bad_request'], b: ['answer'] }, ['a'], 'bad_request'],
    ['a sibling where a key is wrong', { a: ['authentication'], b: ['answer'] }, ['a', 'b'], 'answer'],
    ['a faulty one never again', { a: ['authentication'], b: ['timeout'] }, ['a', 'b', 'b later'], 'timeout'],
    [
      'nobody where all are faulty',
      { a: ['not_found'], b: ['quota_exceeded'] },
      ['a', 'b'],
      'quota_exceeded',
    ],
    ['nobody after a bug', { a: ['bug'], b: ['answer'] }, ['a'], 'TypeError: a bug'],
    [
      'everybody for what may be kept by any',
      { a: ['elsewhere'], b: ['elsewhere'], c: ['elsewhere'], d: ['elsewhere'], e: ['answer'] },
      ['a', 'b', 'c', 'd', 'e'],
      'answer',
    ],
    ['until nobody has it', { a: ['elsewhere'], b: ['elsewhere'] }, ['a', 'b'], 'bad_request'],
  ])('%s', async (_name, script, expected, outcome) => {
    const run = await start(script)
    expect(await run.outcome).toBe(outcome)
    expect(run.asked).toEqual(expected)
  })

  test.each<[number, string[]]>([
    [0, ['a']],
    [1, ['a', 'b']],
    [3, ['a', 'b', 'a later', 'a later']],
    [-5, ['a']],
  ])('the client says how often: %i', async (retries, expected) => {
    const run = await start({ a: ['timeout'], b: ['timeout'] }, { num_retries: retries })
    expect(await run.outcome).toBe('timeout')
    expect(run.asked).toEqual(expected)
  })
})

test('what was tried is written down', async () => {
  const { exchange, outcome } = await start({ a: ['overloaded'], b: ['answer'] })
  await outcome
  expect(exchange.receipt).toMatchObject({
    deployment: { id: 'b' },
    attempts: [{ deploymentId: 'a', code: 'overloaded' }, { deploymentId: 'b' }],
  })
  expect(exchange.receipt.attempts[1]).not.toHaveProperty('code')
})

test('a wait that the provider asks for is kept', async () => {
  const run = await start({ a: ['rate_limit', 'answer'] }, {}, 7_000)
  expect(await run.outcome).toBe('answer')
  expect(run.now()).toBeGreaterThanOrEqual(7_000)
})

test('a wait past the own end is not begun', async () => {
  const run = await start({ a: ['rate_limit', 'answer'] }, {}, 7_000, 6_000)
  expect(await run.outcome).toBe('rate_limit')
  expect(run.now()).toBe(0)
})

describe('when the request is over', () => {
  const open = async () => {
    const upstream = new FakeUpstream()
    const services = await servicesOf(
      'model_list: [{model_name: gpt, litellm_params: {model: openai/m, api_key: k}}, {model_name: gpt, litellm_params: {model: openai/n, api_key: k}}]',
      { upstream },
    )
    const exchange = exchangeOf()
    let nowMs = 0
    const lifetime = followLifetime(exchange.response, 1_000, () => nowMs)
    const outcome = dispatch(
      exchange,
      callOf(chatBody()),
      services.deployments.find('gpt'),
      lifetime,
      services,
      askDeployment,
    ).then(
      () => 'answer',
      (error: unknown) => (isSwitchyardError(error) ? (error.reason ?? error.code) : String(error)),
    )
    await Promise.resolve()
    const pass = (ms: number): void => {
      nowMs += ms
      vi.advanceTimersByTime(ms)
    }
    return { upstream, exchange, outcome, pass }
  }

  test('by its deadline, the provider is too late and nobody else is asked', async () => {
    const { upstream, outcome, pass } = await open()
    pass(1_000)
    expect(await outcome).toBe('upstream_timeout')
    expect(upstream.calls.map(({ aborted }) => aborted)).toEqual([true])
  })

  test('because the client left, the provider is let go and nobody else is asked', async () => {
    const { upstream, exchange, outcome } = await open()
    exchange.response.emit('close')
    expect(await outcome).toBe('aborted')
    expect(upstream.calls.map(({ aborted }) => aborted)).toEqual([true])
  })
})

describe('an answer', () => {
  const ask = async (body: object, answerOf: string, type = 'application/json', model = 'openai/m') => {
    const upstream = new FakeUpstream((call) => call.answer(200, answerOf, { 'content-type': type }))
    const services = await servicesOf(
      `model_list: [{model_name: gpt, litellm_params: {model: ${model}, api_key: k}}]`,
      { upstream },
    )
    const exchange = exchangeOf()
    const lifetime = followLifetime(exchange.response, 1_000, () => 0)
    const found = await dispatch(
      exchange,
      callOf(body),
      services.deployments.find('gpt'),
      lifetime,
      services,
      askDeployment,
    )
    lifetime.complete()
    return found
  }
  const chat =
    '{"model":"m-2","choices":[{"index":0,"message":{"role":"assistant","content":"Hi there"},"finish_reason":"stop"}]}'

  test('that is relayed passes as it is', async () => {
    expect(await ask(chatBody(), chat)).toMatchObject({
      type: 'whole',
      body: Buffer.from(chat),
      model: 'm-2',
    })
  })

  test('of another format is written in the client’s', async () => {
    const message =
      '{"type":"message","id":"msg_1","model":"c-1","role":"assistant","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":2}}'
    const found = await ask(chatBody(), message, 'application/json', 'anthropic/c')
    if (found.type !== 'whole') throw new Error('no whole answer')
    expect(JSON.parse(found.body.toString())).toMatchObject({
      model: 'c-1',
      choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }],
    })
    expect(found.usage).toMatchObject({ inputTokens: 3, outputTokens: 2 })
  })

  test('that should have been a stream becomes one, and its text is known', async () => {
    const found = await ask(chatBody({ stream: true }), chat)
    if (found.type !== 'stream') throw new Error('no stream')
    let text = ''
    found.stream.pipe({ write: (bytes) => ((text += bytes.toString()), true), end: () => (text += '(end)') })
    expect(text).toMatch(/Hi there[^]*\[DONE\]\s+\(end\)$/)
    expect(found.stream.converter.facts).toMatchObject({ model: 'm-2' })
    expect(found.stream.converter.facts.deliveredText()).toBe('Hi there')
  })

  test('that the client asks for itself calls nobody', async () => {
    const found = await ask(chatBody({ mock_response: 'said so' }), 'unused')
    expect(found).toMatchObject({ type: 'whole', url: '' })
  })
})
