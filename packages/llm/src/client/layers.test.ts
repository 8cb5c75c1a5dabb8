import { afterEach, describe, expect, test } from 'vitest'
import type { Callback, CallbackArguments } from '../callbacks/callback.ts'
import type { StandardLoggingPayload } from '../callbacks/payload.ts'
import { createError } from '../errors.ts'
import { createClient } from './client.ts'
import type { ClientOptions } from './client.ts'
import { configure } from './settings.ts'
import { scripted } from './testing/scripted.ts'
import type { Reply } from './testing/scripted.ts'

const hello = {
  model: 'openai/gpt-4o-mini',
  api_key: 'sk-secret-of-the-caller',
  messages: [{ role: 'user' as const, content: 'Hello' }],
}

function watched(script: (model: string, attempt: number) => Reply, options: ClientOptions = {}) {
  const payloads: StandardLoggingPayload[] = []
  const keep = (payload: StandardLoggingPayload): void => void payloads.push(payload)
  const provider = scripted(script)
  const client = createClient({
    ...provider.world,
    callbacks: [{ success: keep, failure: keep }],
    ...options,
  })
  return { client, payloads, provider }
}

describe('callbacks are told once, when a call is over', () => {
  test('of an answer: its cost, tokens and time', async () => {
    const { client, payloads } = watched(() => 'Hi')
    await client.completion({ ...hello, metadata: { trace_id: 'run-7', tags: ['night'] }, user: 'ada' })
    expect(payloads).toHaveLength(1)
    expect(payloads[0]).toMatchObject({
      status: 'success',
      call_type: 'completion',
      trace_id: 'run-7',
      model: 'gpt-4o-mini',
      custom_llm_provider: 'openai',
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      // 10 × 0.15 and 5 × 0.60 USD per million.
      response_cost: 0.0000045,
      cost_breakdown: { input_cost: 0.0000015, output_cost: 0.000003, total_cost: 0.0000045 },
      response_time: 0.1,
      request_tags: ['night'],
      end_user: 'ada',
      messages: hello.messages,
      response: { choices: [{ message: { content: 'Hi' } }] },
      error_information: null,
    })
  })

  test('of a failure: what it was, and every attempt', async () => {
    const { client, payloads } = watched(() => ({ status: 429, message: 'slow down' }))
    await expect(client.completion({ ...hello, num_retries: 2 })).rejects.toThrow('slow down')
    expect(payloads).toHaveLength(1)
    expect(payloads[0]).toMatchObject({
      status: 'failure',
      response_cost: 0,
      error_information: { error_class: 'RateLimitError', error_code: '429', llm_provider: 'openai' },
      hidden_params: { attempts: [{ status: 429 }, { status: 429 }, { status: 429 }] },
    })
  })

  test('of attempts that failed before the one that answered', async () => {
    const { client, payloads } = watched((_, attempt) => (attempt === 0 ? { status: 503 } : 'Hi'))
    await client.completion({ ...hello, num_retries: 1 })
    expect(
      payloads.map(({ status, hidden_params: { attempts } }) => [status, attempts.map((a) => a.status)]),
    ).toEqual([['success', [503, 200]]])
  })

  test('of a stream: when it has been read, put together', async () => {
    const { client, payloads } = watched(() => ({ stream: ['Hel', 'lo'] }))
    const stream = await client.completion({ ...hello, stream: true })
    expect(payloads).toEqual([])
    for await (const _ of stream);
    expect(payloads).toMatchObject([
      {
        status: 'success',
        stream: true,
        response_cost: 0.0000045,
        response: { choices: [{ message: { content: 'Hello' } }] },
      },
    ])
  })

  test('of a stream that breaks: a failure, with what had come', async () => {
    const { client, payloads } = watched(() => ({ stream: ['Hel'], ending: 'break' }))
    const stream = await client.completion({ ...hello, stream: true })
    await expect(
      (async () => {
        for await (const _ of stream);
      })(),
    ).rejects.toThrow()
    expect(payloads).toMatchObject([
      {
        status: 'failure',
        error_information: { error_class: 'StreamInterruptedError' },
        hidden_params: { usage_source: 'estimated' },
      },
    ])
    expect(payloads[0]?.response_cost).toBeGreaterThan(0)
  })

  test('of a stream that is left early', async () => {
    const { client, payloads } = watched(() => ({ stream: ['Hel', 'lo'] }))
    for await (const _ of await client.completion({ ...hello, stream: true })) break
    expect(payloads).toMatchObject([{ status: 'success', hidden_params: { usage_source: 'estimated' } }])
  })

  test('of a call that never got as far as a provider', async () => {
    const { client, payloads } = watched(() => 'Hi')
    await expect(client.completion({ ...hello, model: 'nobody/knows' })).rejects.toThrow(
      'no provider is known',
    )
    expect(payloads).toMatchObject([
      { status: 'failure', model: 'nobody/knows', hidden_params: { attempts: [] } },
    ])
  })

  test('of embeddings, texts and responses by their names', async () => {
    const { client, payloads } = watched(() => 'Hi')
    await client.embedding({ ...hello, model: 'openai/text-embedding-3-small', input: 'Hello' })
    await client
      .textCompletion({ ...hello, model: 'deepseek/deepseek-chat', prompt: 'Hello' })
      .catch(() => undefined)
    await client.responses({ ...hello, model: 'mistral/mistral-small-latest', input: 'Hello' })
    expect(payloads.map(({ call_type }) => call_type)).toEqual(['embedding', 'text_completion', 'responses'])
    expect(payloads[0]?.response_cost).toBe(0.00000006)
  })

  test('an unknown price is null, never 0', async () => {
    const { client, payloads } = watched(() => 'Hi')
    await client.completion({ ...hello, model: 'openai/of-tomorrow' })
    expect(payloads[0]).toMatchObject({
      response_cost: null,
      response_cost_failure_debug_info: { model: 'of-tomorrow' },
    })
  })

  test('prices of the call itself count, and do not travel', async () => {
    const { client, payloads, provider } = watched(() => 'Hi')
    await client.completion({
      ...hello,
      model: 'openai/own',
      input_cost_per_token: 0.001,
      output_cost_per_token: 0.002,
    })
    expect(payloads[0]?.response_cost).toBe(0.02)
    expect(Object.keys(provider.asked[0]?.body ?? {})).toEqual(['model', 'messages'])
  })

  test('no key is in a payload', async () => {
    const { client, payloads } = watched(() => 'Hi')
    await client.completion({
      ...hello,
      aws_secret_access_key: 'aws-secret-of-the-caller',
      extra_headers: { a: 'head-secret-of-the-caller' },
    })
    expect(JSON.stringify(payloads)).not.toContain('secret-of-the-caller')
  })
})

describe('functions get what LiteLLM gives', () => {
  const calls: unknown[][] = []
  const log = (kwargs: CallbackArguments, response: unknown, start: Date, end: Date): void =>
    void calls.push([
      kwargs.model,
      kwargs.response_cost,
      (response as { model: string } | undefined)?.model,
      end.getTime() - start.getTime(),
      kwargs.exception?.name,
    ])
  afterEach(() => {
    calls.length = 0
  })

  test('success_callback and failure_callback each their own', async () => {
    const { client } = watched((_, attempt) => (attempt === 0 ? 'Hi' : { status: 401 }), {
      success_callback: [log],
      failure_callback: [log],
    })
    await client.completion(hello)
    await client.completion(hello).catch(() => undefined)
    expect(calls).toEqual([
      ['gpt-4o-mini', 0.0000045, 'gpt-4o-mini', 100, undefined],
      ['gpt-4o-mini', 0, undefined, 100, 'AuthenticationError'],
    ])
  })

  test('a name of a service is refused, with what to do', async () => {
    const { client } = watched(() => 'Hi', { success_callback: ['langfuse' as unknown as Callback] })
    await expect(client.completion(hello)).rejects.toThrow(/'langfuse' is no callback.*jsonlTrace/)
  })

  test('configure() adds to every client, and can be taken back', async () => {
    const { client, payloads } = watched(() => 'Hi')
    configure({ success_callback: [log] })
    await client.completion(hello)
    configure({ success_callback: undefined })
    await client.completion(hello)
    expect([calls.length, payloads.length]).toEqual([1, 2])
  })
})

describe('a callback that fails breaks no call', () => {
  const errors: [unknown, string][] = []
  const onCallbackError = (error: unknown, name: string): void => void errors.push([String(error), name])
  afterEach(() => {
    errors.length = 0
  })

  test.each<[string, Callback | (() => void)]>([
    [
      'thrown',
      {
        name: 'bad',
        success: () => {
          throw new Error('no')
        },
      },
    ],
    [
      'rejected',
      {
        name: 'bad',
        success: async () => {
          throw new Error('no')
        },
      },
    ],
    [
      'from a function',
      function bad() {
        throw new Error('no')
      },
    ],
  ])('%s', async (_, bad) => {
    const { client } = watched(() => 'Hi', { callbacks: [bad], onCallbackError })
    expect(await client.completion(hello)).toMatchObject({ object: 'chat.completion' })
    await client.flush()
    expect(errors).toEqual([['Error: no', 'bad']])
  })

  test('nor does a slow one delay it', async () => {
    let release = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const { client } = watched(() => 'Hi', { callbacks: [{ success: () => gate }] })
    await client.completion(hello)
    const flushed = client.flush().then(() => 'flushed')
    expect(await Promise.race([flushed, Promise.resolve('waiting')])).toBe('waiting')
    release()
    expect(await flushed).toBe('flushed')
  })
})

describe('hooks', () => {
  const shout: Callback = {
    input: (params) => ({ ...params, temperature: 0.5 }),
    output: (answer) => ({ ...answer, model: 'renamed' }),
    event: (event) =>
      event.type === 'text-delta' ? { ...event, text: event.text.toUpperCase() } : undefined,
  }

  test('change what is sent and what comes back, and the record tells the changed ones', async () => {
    const payloads: StandardLoggingPayload[] = []
    const success = (payload: StandardLoggingPayload): void => void payloads.push(payload)
    const { client, provider } = watched(() => 'Hi', { callbacks: [shout, { success }] })
    expect(await client.completion(hello)).toMatchObject({ model: 'renamed' })
    expect(provider.asked[0]?.body).toMatchObject({ temperature: 0.5 })
    expect(payloads[0]).toMatchObject({
      model_parameters: { temperature: 0.5 },
      response: { model: 'renamed' },
    })
  })

  test('change each event of a stream, in both of its views', async () => {
    const { client } = watched(() => ({ stream: ['a', 'b'] }), { callbacks: [shout] })
    let text = ''
    for await (const chunk of await client.completion({ ...hello, stream: true }))
      text += chunk.choices[0]?.delta.content ?? ''
    let typed = ''
    for await (const event of (await client.completion({ ...hello, stream: true })).events)
      if (event.type === 'text-delta') typed += event.text
    expect([text, typed]).toEqual(['AB', 'AB'])
  })

  test('of a stream: the record has what its reader got', async () => {
    const payloads: StandardLoggingPayload[] = []
    const success = (payload: StandardLoggingPayload): void => void payloads.push(payload)
    const silent: Callback = {
      event: (event) => (event.type === 'text-delta' && event.text === 'B' ? null : undefined),
    }
    const { client } = watched(() => ({ stream: ['a', 'b', 'c'] }), {
      callbacks: [shout, silent, { success }],
    })
    for await (const _ of await client.completion({ ...hello, stream: true }));
    expect(payloads).toMatchObject([
      { response: { choices: [{ message: { content: 'AC' } }] }, total_tokens: 15 },
    ])
  })

  test('that throw refuse the call before anybody is asked', async () => {
    const refuse: Callback = {
      input: () => {
        throw createError({ code: 'permission_denied', message: 'not at night' })
      },
    }
    const payloads: StandardLoggingPayload[] = []
    const failure = (payload: StandardLoggingPayload): void => void payloads.push(payload)
    const { client, provider } = watched(() => 'Hi', { callbacks: [refuse, { failure }] })
    await expect(client.completion(hello)).rejects.toThrow('not at night')
    expect([provider.asked, payloads.length]).toEqual([[], 1])
  })
})
