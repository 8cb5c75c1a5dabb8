import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../clients/support/gateway.ts'
import type { TestGateway } from '../clients/support/gateway.ts'
import { entryAt } from '../clients/support/models.ts'
import {
  ask,
  chatBody,
  eventsOf,
  isObject,
  messagesBody,
  open,
  readChatStream,
  readReply,
} from './support/ask.ts'
import type { Reply } from './support/ask.ts'
import { watched } from './support/watched.ts'

let gateway: TestGateway
watched(
  async () =>
    (gateway = await startTestGateway({
      models: (url) =>
        ['openai', 'anthropic', 'together_ai'].map((provider) =>
          entryAt(url, `idle-${provider}`, `${provider}/fault-hang-after-5`, { stream_timeout: 0.3 }),
        ),
    })),
)

/** Bytes that pass through, and both ways of translation. */
const groups = [
  { group: 'fault', way: 'relayed' },
  { group: 'claude-fault', way: 'translated' },
  { group: 'compatible-fault', way: 'relayed from a compatible server' },
]

function stream(model: string, fields: object = {}): Promise<Reply> {
  return ask(gateway, '/v1/chat/completions', chatBody(model, { stream: true, ...fields }))
}

const whole = { text: 'You said: hello there', roles: 1, finish: ['stop'], errors: [], done: true }

describe.each(groups)('streams, $way', ({ group }) => {
  it.each([
    { fault: 'F40 cut', name: 'cut-after-5', code: 'upstream_stream_interrupted' },
    { fault: 'F40 reset', name: 'reset-after-5', code: 'upstream_stream_interrupted' },
    { fault: 'F40 ended early', name: 'end-after-5', code: 'upstream_stream_interrupted' },
    { fault: 'F40 cut within an event', name: 'cut-after-4+ok', code: 'upstream_stream_interrupted' },
    {
      fault: 'F41 error event',
      name: 'error-event-after-5',
      code: expect.stringMatching(/^upstream_|^\d+$/),
    },
    { fault: 'F42 no finish', name: 'no-finish', code: 'upstream_stream_interrupted' },
  ])('$fault: an error inside the stream, the text before it, and never [DONE]', async ({ name, code }) => {
    const reply = await stream(`${group}/${name}`)
    const read = readChatStream(reply.text)
    expect(reply.status).toBe(200)
    expect(read.text).toMatch(/^You/)
    expect(read.errors).toEqual([
      { message: expect.any(String), type: expect.any(String), param: null, code },
    ])
    expect(read).toMatchObject({ done: false, finish: [] })
    expect(eventsOf(reply.text).at(-1)).toMatchObject({ error: { code } })
    expect(reply.broken).toBe(false)
    expect(reply.text).not.toMatch(/127\.0\.0\.1/)
  })

  it('F40 cut within the first character: a failure like any other before the first token', async () => {
    const reply = await stream(`${group}/cut-mid-utf8`)
    expect(reply.status).toBe(502)
    expect(reply.json).toMatchObject({ error: { code: 'upstream_stream_interrupted' } })
    expect(reply.text).not.toContain('\uFFFD')
  })

  it('F40 cut within a later character: no replacement characters', async () => {
    const messages = [{ role: 'user', content: 'Zürich' }]
    const reply = await stream(`${group}/cut-mid-utf8`, { messages })
    expect(readChatStream(reply.text)).toMatchObject({
      text: 'You said:',
      errors: [{ code: 'upstream_stream_interrupted' }],
      done: false,
    })
    expect(reply.text).not.toContain('\uFFFD')
  })

  it('F40 cut within JSON: the half event is not passed on', async () => {
    const reply = await stream(`${group}/cut-mid-json`)
    if (reply.status !== 200) {
      // Anthropic's first two events hold no content yet.
      expect(reply.json).toMatchObject({ error: { code: 'upstream_stream_interrupted' } })
      return
    }
    expect(eventsOf(reply.text).every((event) => isObject(event))).toBe(true)
    expect(readChatStream(reply.text)).toMatchObject({
      done: false,
      errors: [{ code: 'upstream_stream_interrupted' }],
    })
  })

  it('F42 no terminator after a finish: a normal end', async () => {
    const read = readChatStream((await stream(`${group}/no-done`)).text)
    expect(read).toMatchObject(whole)
  })

  it.each(['crlf', 'cr', 'no-space', 'comments', 'fields', 'multi-line', 'one-packet', 'data-first'])(
    'F46 framing %s means the same',
    async (framing) => {
      const { text } = await stream(`${group}/sse-${framing}`)
      expect(readChatStream(text)).toMatchObject(whole)
    },
  )

  it.each(['split-1', 'split-7', 'split-100', 'one-byte'])(
    'F46, F47 bytes in pieces (%s) mean the same',
    async (name) => {
      expect(readChatStream((await stream(`${group}/${name}`)).text)).toMatchObject(whole)
    },
  )

  it('F47 one event of a megabyte passes', async () => {
    const read = readChatStream((await stream(`${group}/1mb-line`)).text)
    expect(read.text).toHaveLength(1 << 20)
    expect(read.done).toBe(true)
  })

  it.each(['gzip', 'gzip-unflushed', 'br', 'zstd'])('F48 %s is undone', async (encoding) => {
    const reply = await stream(`${group}/${encoding}`)
    expect(readChatStream(reply.text)).toMatchObject(whole)
    expect(reply.headers['content-encoding']).toBeUndefined()
  })

  it('F51 unknown finish and events are no failure', async () => {
    const unknown = readChatStream((await stream(`${group}/unknown-finish`)).text)
    expect(unknown).toMatchObject({ text: whole.text, errors: [], done: true })
    expect(unknown.finish).toHaveLength(1)
    expect(readChatStream((await stream(`${group}/unknown-event`)).text)).toMatchObject(whole)
  })

  it.each(['none', 'zero', 'negative', 'absurd', 'changing'])(
    'F49 usage %s does not end an answer',
    async (usage) => {
      const name = usage === 'none' ? 'no-usage' : `usage-${usage}`
      const reply = await stream(`${group}/${name}`, { stream_options: { include_usage: true } })
      expect(readChatStream(reply.text)).toMatchObject(whole)
    },
  )
})

describe('a provider that falls silent', () => {
  it.each(['openai', 'anthropic', 'together_ai'])(
    'F43 is given up, and the client is told (%s)',
    async (provider) => {
      const asked = gateway.provider.exchanges.length
      const reply = await stream(`idle-${provider}`)
      const read = readChatStream(reply.text)
      expect(read.errors).toMatchObject([{ code: 'upstream_timeout' }])
      expect(read.done).toBe(false)
      await (
        await gateway.provider.exchange(asked)
      ).whenAborted
    },
  )

  it.each(['fault', 'claude-fault'])('F43 ends at the time that the client has set (%s)', async (group) => {
    const read = readChatStream((await stream(`${group}/hang-after-5`, { timeout: 0.3 })).text)
    expect(read).toMatchObject({
      errors: [{ code: 'upstream_timeout' }],
      done: false,
      text: expect.stringMatching(/^You/),
    })
  })
})

describe("on Anthropic's route", () => {
  it.each(['claude-fault', 'fault'])('a broken stream of %s ends with an error event', async (group) => {
    for (const name of ['cut-after-5', 'error-event-after-5', 'no-finish']) {
      const reply = await ask(gateway, '/v1/messages', messagesBody(`${group}/${name}`, { stream: true }))
      const events = eventsOf(reply.text).filter(isObject)
      expect(events.at(-1), name).toEqual({
        type: 'error',
        error: { type: expect.any(String), message: expect.any(String) },
        request_id: reply.headers['x-request-id'],
      })
      expect(reply.text, name).toMatch(/event: ?error\n/)
      expect(
        events.some(({ type }) => type === 'message_stop'),
        name,
      ).toBe(false)
    }
  })

  it('a broken stream of responses ends with an error event', async () => {
    for (const model of ['fault/cut-after-6', 'claude-fault/cut-after-5', 'compatible-fault/cut-after-5']) {
      const reply = await ask(gateway, '/v1/responses', { model, input: 'hello there', stream: true })
      const events = eventsOf(reply.text).filter(isObject)
      expect(['error', 'response.failed'], model).toContain(events.at(-1)?.type)
      expect(
        events.some(({ type }) => type === 'response.completed'),
        model,
      ).toBe(false)
    }
  })
})

describe('tool calls', () => {
  const tools = [
    {
      type: 'function',
      function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
    },
  ]

  function callsOf(text: string): Array<{ id: unknown; name: string; arguments: string }> {
    const calls: Array<{ id: unknown; name: string; arguments: string }> = []
    for (const event of eventsOf(text).filter(isObject))
      for (const choice of Array.isArray(event.choices) ? event.choices.filter(isObject) : []) {
        const deltas =
          isObject(choice.delta) && Array.isArray(choice.delta.tool_calls) ? choice.delta.tool_calls : []
        for (const delta of deltas.filter(isObject)) {
          const called = isObject(delta.function) ? delta.function : {}
          const call = (calls[Number(delta.index)] ??= { id: delta.id, name: '', arguments: '' })
          call.name += typeof called.name === 'string' ? called.name : ''
          call.arguments += typeof called.arguments === 'string' ? called.arguments : ''
        }
      }
    return calls
  }

  it('F50 interleaved ones keep their places', async () => {
    const { text } = await stream('fault/tools-interleaved', { tools })
    const one = { id: expect.any(String), name: 'weather', arguments: '{"city":"city"}' }
    expect(callsOf(text)).toEqual([one, one])
  })

  it("F50 interleaved ones are whole in Anthropic's format", async () => {
    const anthropicTools = [{ name: 'weather', input_schema: tools[0]?.function.parameters }]
    const body = messagesBody('fault/tools-interleaved', { tools: anthropicTools })
    const { json } = await ask(gateway, '/v1/messages', body)
    expect(json).toMatchObject({ content: [{ input: { city: 'city' } }, { input: { city: 'city' } }] })
    const streamed = await ask(gateway, '/v1/messages', { ...body, stream: true })
    const inputs: string[] = []
    for (const event of eventsOf(streamed.text).filter(isObject))
      if (event.type === 'content_block_delta' && isObject(event.delta)) {
        const at = Number(event.index)
        inputs[at] = (inputs[at] ?? '') + String(event.delta.partial_json ?? '')
      }
    expect(inputs.filter(Boolean).map((input) => JSON.parse(input))).toEqual([
      { city: 'city' },
      { city: 'city' },
    ])
  })

  it('F50 arguments that are no JSON are delivered as they are', async () => {
    const whole = await ask(gateway, '/v1/chat/completions', chatBody('fault/tools-bad-json', { tools }))
    expect(whole.json).toMatchObject({
      choices: [{ message: { tool_calls: [{ function: { arguments: '{"city":"city",' } }] } }],
    })
    expect(callsOf((await stream('fault/tools-bad-json', { tools })).text)).toMatchObject([
      { arguments: '{"city":"city",' },
    ])
    const anthropic = await ask(
      gateway,
      '/v1/messages',
      messagesBody('fault/tools-bad-json', {
        tools: [
          { name: 'weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } },
        ],
      }),
    )
    expect(anthropic.status).toBe(200)
    expect(anthropic.text).toContain('city')
  })
})

describe('what a stream costs', () => {
  it('is told in a trailer where the client takes trailers', async () => {
    const response = await open(gateway, '/v1/chat/completions', chatBody('gpt', { stream: true }), {
      headers: { te: 'trailers' },
    })
    expect((await readReply(response)).trailers['x-litellm-response-cost']).toBe('0.0000027')
  })
})
