import { zodTextFormat } from 'openai/helpers/zod'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { all } from './support/all.ts'
import { startForOpenai } from './support/openai.ts'

const tools = [
  {
    type: 'function' as const,
    name: 'weather',
    description: 'The weather',
    strict: true,
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    },
  },
]

const { gateway, client } = await startForOpenai()

/** OpenAI's own Responses, a provider that speaks chat completions only, and one that speaks Anthropic's format. */
describe.each([
  { model: 'gpt', served: 'gpt-4o-mini', path: '/v1/responses' },
  { model: 'compatible', served: 'echo', path: '/v1/chat/completions' },
  { model: 'claude', served: 'claude-sonnet-4-5', path: '/v1/messages' },
])('responses from $model', ({ model, served, path }) => {
  it('give every field of an answer', async () => {
    const { data, response } = await client.responses
      .create({ model, input: 'hello there', instructions: 'be brief', max_output_tokens: 100 })
      .withResponse()
    expect(data).toMatchObject({
      id: expect.stringMatching(/./),
      object: 'response',
      created_at: expect.any(Number),
      status: 'completed',
      error: null,
      incomplete_details: null,
      instructions: 'be brief',
      max_output_tokens: 100,
      model: served,
      output_text: 'You said: hello there',
      parallel_tool_calls: true,
      previous_response_id: null,
      output: [
        {
          type: 'message',
          id: expect.stringMatching(/./),
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'You said: hello there', annotations: [] }],
        },
      ],
      usage: {
        input_tokens: 4,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 4,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 8,
      },
    })
    expect(gateway.provider.exchanges.at(-1)?.path).toBe(path)
    expect(response.headers.get('x-litellm-model-group')).toBe(model)
  })

  it('stream typed events in order', async () => {
    const stream = await client.responses.create({ model, input: 'hello there', stream: true })
    const events = await all(stream)
    const types = events.map((event) => event.type).filter((type) => type !== 'response.output_text.delta')
    expect(types.filter((type) => type !== 'response.in_progress')).toEqual([
      'response.created',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ])
    const numbers = events.map((event) => event.sequence_number)
    expect(numbers).toEqual(numbers.map((_, at) => at))
    const deltas = events.flatMap((event) =>
      event.type === 'response.output_text.delta' ? [event.delta] : [],
    )
    expect(deltas).toEqual(['You', ' said:', ' hello', ' there'])
    const last = events.at(-1)
    expect(last).toMatchObject({
      type: 'response.completed',
      response: {
        status: 'completed',
        model: served,
        usage: { input_tokens: 2, output_tokens: 4, total_tokens: 6 },
      },
    })
  })

  it('feed the stream helper', async () => {
    const final = await client.responses.stream({ model, input: 'hello there' }).finalResponse()
    expect(final.output_text).toBe('You said: hello there')
    expect(final.status).toBe('completed')
  })

  it('call tools and take their results', async () => {
    const first = await client.responses.create({ model, input: 'weather?', tools })
    const call = first.output.find((item) => item.type === 'function_call')
    expect(call).toMatchObject({
      type: 'function_call',
      name: 'weather',
      arguments: '{"city":"city"}',
      call_id: expect.stringMatching(/scripted/),
      status: 'completed',
    })
    const second = await client.responses.create({
      model,
      tools,
      input: [
        { role: 'user', content: 'weather?' },
        ...first.output.filter((item) => item.type === 'function_call'),
        { type: 'function_call_output', call_id: call?.call_id ?? '', output: 'sunny' },
      ],
    })
    expect(second.output_text).toBe('The tool said: sunny')
  })

  it('stream the arguments of tools', async () => {
    const stream = await client.responses.create({ model, input: 'weather?', tools, stream: true })
    const events = await all(stream)
    const deltas = events.flatMap((event) =>
      event.type === 'response.function_call_arguments.delta' ? [event.delta] : [],
    )
    expect(deltas.join('')).toBe('{"city":"city"}')
    expect(deltas.length).toBeGreaterThan(1)
    expect(events.find((event) => event.type === 'response.function_call_arguments.done')).toMatchObject({
      arguments: '{"city":"city"}',
    })
  })

  it('are parsed by the zod helper', async () => {
    const Weather = z.object({ city: z.string(), sunny: z.boolean() })
    const answer = await client.responses.parse({
      model,
      input: 'hi',
      text: { format: zodTextFormat(Weather, 'weather') },
    })
    expect(answer.output_parsed).toEqual({ city: 'city', sunny: true })
  })

  it('are incomplete where the bound of tokens ends them', async () => {
    const answer = await client.responses.create({ model, input: 'hello there', max_output_tokens: 2 })
    expect(answer).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output_text: 'You said:',
    })
  })

  it('take images', async () => {
    const image = {
      type: 'input_image' as const,
      detail: 'auto' as const,
      image_url: 'data:image/png;base64,iVBORw0KGgo=',
    }
    const answer = await client.responses.create({
      model,
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'look' }, image] }],
    })
    expect(answer.output_text).toBe('You said: look (images: 1)')
  })
})

it('an exact cost is known of responses too', async () => {
  const { response } = await client.responses.create({ model: 'gpt', input: 'hello there' }).withResponse()
  expect(response.headers.get('x-litellm-response-cost')).toBe('0.0000027')
})

it('a broken stream of responses is an error to the client', async () => {
  const stream = await client.responses.create({
    model: 'fault/cut-after-6',
    input: 'hello there',
    stream: true,
  })
  await expect(all(stream)).rejects.toThrow(/before the answer was complete|closed|interrupted/)
})
