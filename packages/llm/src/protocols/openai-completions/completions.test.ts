import { describe, expect, test } from 'vitest'
import type { Answer } from '../../types/answer.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { StreamEvent } from '../../types/event.ts'
import { eventsOf } from '../collect.ts'
import { orderFaults } from '../event-order.contract.ts'
import { openaiCompletionsDialect as dialect } from './client.ts'
import { openaiCompletionsProtocol as protocol } from './index.ts'

const context = { provider: 'acme', model: 'm', quirks: {}, newId: () => 'id' }

function hear(...sent: (JsonObject | string)[]): StreamEvent[] {
  const parser = protocol.createStreamParser(context)
  const frames = sent.map((piece) => ({ data: typeof piece === 'string' ? piece : JSON.stringify(piece) }))
  const events = [...frames.flatMap((frame) => parser.push(frame)), ...parser.end()]
  expect(orderFaults(events)).toEqual([])
  return events
}

describe('as a client speaks it', () => {
  test('one prompt is a turn of the user; what only this format has is kept', () => {
    const request = dialect.parseRequest({
      model: 'm',
      prompt: 'Once',
      max_tokens: 5,
      echo: true,
      logprobs: 2,
      min_p: 0.1,
    })
    expect(request).toMatchObject({
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Once' }] }],
      maxTokens: 5,
      dialect: { protocol: 'openai-completions', fields: { prompt: 'Once', echo: true, logprobs: 2 } },
      extra: { min_p: 0.1 },
    })
    expect(request.nativeOnly).toBeUndefined()
    expect(protocol.renderRequest(request, { ...context, model: 'wire' })).toEqual({
      path: '/completions',
      body: { model: 'wire', prompt: 'Once', max_tokens: 5, echo: true, logprobs: 2, min_p: 0.1 },
    })
  })

  test.each<[string, Json]>([
    ['several prompts', ['a', 'b']],
    ['token ids', [1, 2]],
  ])('%s need a service that has this format', (_name, prompt) => {
    const request = dialect.parseRequest({ model: 'm', prompt })
    expect(request.nativeOnly).toBe('prompt')
    expect(protocol.renderRequest(request, context).body.prompt).toEqual(prompt)
  })

  test.each<[string, JsonObject, string]>([
    ['no prompt', { model: 'm' }, 'prompt'],
    ['an empty list', { model: 'm', prompt: [] }, 'prompt'],
    ['a prompt that is an object', { model: 'm', prompt: {} }, 'prompt'],
    ['no model', { prompt: 'x' }, 'model'],
    ['too many log probabilities', { model: 'm', prompt: 'x', logprobs: 9 }, 'logprobs'],
  ])('refuses %s', (_name, body, param) => {
    expect(() => dialect.parseRequest(body)).toThrow(expect.objectContaining({ code: 'bad_request', param }))
  })

  const answer: Answer = {
    id: 'a',
    model: 'm',
    choices: [{ parts: [{ type: 'text', text: 'upon' }], finish: { reason: 'length' } }],
    usage: { inputTokens: 1, outputTokens: 2, source: 'provider' },
  }
  const told = {
    id: 'id-1',
    model: 'name',
    createdS: 7,
    request: { model: 'name', messages: [], stream: true, includeUsage: true },
  }

  test('answers whole and in pieces', () => {
    expect(dialect.renderAnswer(answer, told)).toMatchObject({
      object: 'text_completion',
      id: 'id-1',
      created: 7,
      choices: [{ index: 0, text: 'upon', finish_reason: 'length', logprobs: null }],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    })
    const renderer = dialect.createStreamRenderer(told)
    const text = eventsOf(answer)
      .map((event) => renderer.push(event))
      .join('')
    expect(text).toMatch(
      /"text":"upon".*\n\ndata: .*"finish_reason":"length".*\n\ndata: .*"usage".*\n\ndata: \[DONE\]\n\n$/,
    )
  })
})

describe('as a service speaks it', () => {
  test('asks for a stream with usage', () => {
    const request = dialect.parseRequest({ model: 'm', prompt: 'x', stream: true })
    expect(protocol.renderRequest(request, context).body).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    })
  })

  test('log probabilities of a chat are a number here', () => {
    const request = { model: 'm', messages: [], stream: false, logprobs: true, topLogprobs: 3 }
    expect(protocol.renderRequest(request, context).body.logprobs).toBe(3)
  })

  test('reads choices, log probabilities and usage', () => {
    const body = {
      id: 'a',
      created: 1,
      model: 'm',
      choices: [{ text: 'x', finish_reason: 'eos_token', logprobs: { tokens: ['x'] } }],
      usage: { prompt_tokens: 1, completion_tokens: 1 },
    }
    expect(protocol.parseAnswer(body, context)).toMatchObject({
      choices: [
        {
          parts: [{ type: 'text', text: 'x' }],
          finish: { reason: 'stop', rawReason: 'eos_token' },
          logprobs: { tokens: ['x'] },
        },
      ],
      usage: { inputTokens: 1 },
    })
  })

  test.each<[Json, string]>([
    [{ object: 'list' }, 'invalid_response'],
    [{ error: { message: 'full', code: 429 } }, 'rate_limit'],
  ])('%j is no answer', (body, code) => {
    expect(() => protocol.parseAnswer(body, context)).toThrow(expect.objectContaining({ code }))
  })

  const piece = (text: string, reason: string | null = null): JsonObject => ({
    id: 'a',
    model: 'm',
    choices: [{ index: 0, text, finish_reason: reason }],
  })

  test.each<[string, (JsonObject | string)[], object]>([
    ['a reason', [piece('x'), piece('', 'length')], { type: 'finish', reason: 'length' }],
    ['[DONE]', [piece('x'), '[DONE]'], { type: 'finish', reason: 'stop' }],
    [
      'usage of its own',
      [piece('x'), { choices: [], usage: { total_tokens: 1 } }],
      { type: 'finish', usage: { totalTokens: 1 } },
    ],
    ['a cut', [piece('x')], { type: 'error', failure: { code: 'stream_interrupted' } }],
    ['no JSON', [piece('x'), '{'], { type: 'error', failure: { code: 'invalid_response' } }],
    [
      'an error',
      [piece('x'), { error: { message: 'm', code: 503 } }],
      { type: 'error', failure: { code: 'service_unavailable' } },
    ],
  ])('a stream that ends with %s', (_name, sent, last) => {
    expect(hear(...sent).at(-1)).toMatchObject(last)
  })
})
