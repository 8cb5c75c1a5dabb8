import { zodFunction } from 'openai/helpers/zod'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { all } from './support/all.ts'
import { startForOpenai } from './support/openai.ts'

const Weather = z.object({ city: z.string(), days: z.number().int().min(2) })
const weather = zodFunction({
  name: 'weather',
  description: 'The weather of the next days',
  parameters: Weather,
})
const time = zodFunction({
  name: 'time',
  description: 'The time of day',
  parameters: z.object({ zone: z.string() }),
})
const messages = [{ role: 'user' as const, content: 'how is the weather?' }]

const { gateway, client } = await startForOpenai()

describe.each([
  { model: 'gpt', id: /^call_scripted-\d+_0$/ },
  { model: 'claude', id: /^toolu_scripted-\d+_0$/ },
])('tools with $model', ({ model, id }) => {
  it('are called with id, name and arguments', async () => {
    const answer = await client.chat.completions.create({ model, messages, tools: [weather, time] })
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: expect.stringMatching(id),
            type: 'function',
            function: { name: 'weather', arguments: '{"city":"city","days":2}' },
          },
        ],
      },
    })
  })

  it('are parsed by the zod helper', async () => {
    const answer = await client.chat.completions.parse({ model, messages, tools: [weather] })
    const call = answer.choices[0]?.message.tool_calls?.[0]
    if (call?.type !== 'function') throw new Error('no function was called')
    expect(call.function.parsed_arguments).toEqual({ city: 'city', days: 2 })
  })

  it('stream their arguments in pieces', async () => {
    const stream = await client.chat.completions.create({ model, messages, tools: [weather], stream: true })
    const choices = (await all(stream)).flatMap((chunk) => chunk.choices)
    const deltas = choices.flatMap(({ delta }) => delta.tool_calls ?? [])
    expect(deltas[0]).toMatchObject({ index: 0, id: expect.stringMatching(id), type: 'function' })
    expect(deltas[0]?.function?.name).toBe('weather')
    expect(deltas.slice(1).every((delta) => delta.index === 0 && !delta.function?.name)).toBe(true)
    expect(deltas.length).toBeGreaterThan(2)
    expect(deltas.map((delta) => delta.function?.arguments ?? '').join('')).toBe('{"city":"city","days":2}')
    expect(choices.at(-1)?.finish_reason).toBe('tool_calls')
  })

  it('are collected by the stream helper', async () => {
    const stream = client.chat.completions.stream({ model, messages, tools: [weather] })
    const done: unknown[] = []
    stream.on('tool_calls.function.arguments.done', ({ name, parsed_arguments: parsed }) =>
      done.push([name, parsed]),
    )
    const final = await stream.finalChatCompletion()
    expect(done).toEqual([['weather', { city: 'city', days: 2 }]])
    expect(final.choices[0]?.message.tool_calls?.[0]?.id).toMatch(id)
  })

  it('obey tool_choice', async () => {
    const tools = [weather, time]
    const named = await client.chat.completions.create({
      model,
      messages,
      tools,
      tool_choice: { type: 'function', function: { name: 'time' } },
    })
    expect(named.choices[0]?.message.tool_calls).toMatchObject([
      { function: { name: 'time', arguments: '{"zone":"zone"}' } },
    ])
    const none = await client.chat.completions.create({ model, messages, tools, tool_choice: 'none' })
    expect(none.choices[0]?.message.tool_calls ?? []).toEqual([])
    const required = await client.chat.completions.create({ model, messages, tools, tool_choice: 'required' })
    expect(required.choices[0]?.finish_reason).toBe('tool_calls')
  })

  it('get their results back', async () => {
    const first = await client.chat.completions.create({ model, messages, tools: [weather] })
    const called = first.choices[0]?.message
    const callId = called?.tool_calls?.[0]?.id
    if (called === undefined || callId === undefined) throw new Error('no tool was called')
    const answer = await client.chat.completions.create({
      model,
      tools: [weather],
      messages: [...messages, called, { role: 'tool', tool_call_id: callId, content: 'sunny' }],
    })
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: 'The tool said: sunny' },
    })
    // The call's id has come back to the provider beside its result.
    const upstream = gateway.provider.exchanges.at(-1)?.body.toString() ?? ''
    expect(upstream.split(callId)).toHaveLength(3)
  })

  it.each([false, true])('run to the end by themselves (stream: %s)', async (stream) => {
    const asked: unknown[] = []
    const tool = {
      type: 'function' as const,
      function: {
        name: 'weather',
        description: 'The weather',
        parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
        parse: (text: string): unknown => JSON.parse(text),
        function: (given: unknown): string => {
          asked.push(given)
          return 'rain'
        },
      },
    }
    const runner = stream
      ? client.chat.completions.runTools({
          model,
          messages,
          tools: [tool],
          stream,
          stream_options: { include_usage: true },
        })
      : client.chat.completions.runTools({ model, messages, tools: [tool] })
    expect(await runner.finalContent()).toBe('The tool said: rain')
    expect(asked).toEqual([{ city: 'city' }])
    const total = await runner.totalUsage()
    expect(total.completion_tokens).toBeGreaterThan(0)
  })
})

describe.each([false, true])('parallel tool calls (stream: %s)', (stream) => {
  it('keep their places', async () => {
    // Plain tools: the helper would parse a call as soon as another one gets its turn.
    const { name, parameters: schema } = weather.function
    const tools = [{ type: 'function' as const, function: { name, parameters: schema ?? {} } }]
    const parameters = { model: 'fault/tools-interleaved', messages, tools }
    const final = stream
      ? await client.chat.completions.stream(parameters).finalChatCompletion()
      : await client.chat.completions.create(parameters)
    const calls = final.choices[0]?.message.tool_calls ?? []
    expect(calls.map((call) => call.type === 'function' && call.function.arguments)).toEqual([
      '{"city":"city","days":2}',
      '{"city":"city","days":2}',
    ])
    expect(new Set(calls.map((call) => call.id)).size).toBe(2)
  })
})
