import { HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages'
import type { AIMessageChunk } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startTestGateway } from './support/gateway.ts'
import type { TestGateway } from './support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway.close())

function chat(model: string): ChatOpenAI {
  return new ChatOpenAI({
    model,
    apiKey: gateway.key,
    maxRetries: 0,
    streamUsage: true,
    configuration: { baseURL: `${gateway.url}/v1` },
  })
}

const weather = tool(({ city }: { city: string }) => `rain in ${city}`, {
  name: 'weather',
  description: 'The weather',
  schema: z.object({ city: z.string() }),
})

describe.each([
  { model: 'gpt', served: 'gpt-4o-mini', id: /^chatcmpl-scripted/ },
  { model: 'claude', served: 'claude-sonnet-4-5', id: /^msg_scripted/ },
])('LangChain with $model', ({ model, served, id }) => {
  it('invokes', async () => {
    const answer = await chat(model).invoke([new SystemMessage('be brief'), new HumanMessage('hello there')])
    expect(answer.content).toBe('You said: hello there')
    expect(answer.id).toMatch(id)
    expect(answer.response_metadata).toMatchObject({ model_name: served, finish_reason: 'stop' })
    expect(answer.usage_metadata).toMatchObject({ input_tokens: 4, output_tokens: 4, total_tokens: 8 })
    expect(answer.tool_calls).toEqual([])
  })

  it('streams', async () => {
    let all: AIMessageChunk | undefined
    for await (const chunk of await chat(model).stream('hello there')) all = all?.concat(chunk) ?? chunk
    expect(all?.content).toBe('You said: hello there')
    expect(all?.id).toMatch(id)
    expect(all?.usage_metadata).toMatchObject({ input_tokens: 2, output_tokens: 4, total_tokens: 6 })
    expect(all?.response_metadata).toMatchObject({ finish_reason: 'stop' })
  })

  it('calls tools and takes their results', async () => {
    const bound = chat(model).bindTools([weather])
    const asked = await bound.invoke('weather?')
    expect(asked.tool_calls).toEqual([
      {
        type: 'tool_call',
        name: 'weather',
        args: { city: 'city' },
        id: expect.stringMatching(/_scripted-\d+_0$/),
      },
    ])
    expect(asked.response_metadata).toMatchObject({ finish_reason: 'tool_calls' })
    const [call] = asked.tool_calls ?? []
    const result = new ToolMessage({
      tool_call_id: call?.id ?? '',
      content: await weather.invoke({ city: 'city' }),
    })
    const answer = await bound.invoke([new HumanMessage('weather?'), asked, result])
    expect(answer.content).toBe('The tool said: rain in city')
  })

  it('streams tool calls', async () => {
    let all: AIMessageChunk | undefined
    for await (const chunk of await chat(model).bindTools([weather]).stream('weather?'))
      all = all?.concat(chunk) ?? chunk
    expect(all?.tool_calls).toMatchObject([{ name: 'weather', args: { city: 'city' } }])
  })

  it.each(['jsonSchema', 'functionCalling'] as const)('gives structured output by %s', async (method) => {
    const schema = z.object({ city: z.string(), days: z.number().min(2) })
    const structured = chat(model).withStructuredOutput(schema, { method, name: 'forecast' })
    expect(await structured.invoke('weather?')).toEqual({ city: 'city', days: 2 })
  })
})

it('embeds', async () => {
  const embeddings = new OpenAIEmbeddings({
    model: 'embed',
    apiKey: gateway.key,
    configuration: { baseURL: `${gateway.url}/v1` },
  })
  const vectors = await embeddings.embedDocuments(['one two', 'three'])
  expect(vectors.map((vector) => vector.length)).toEqual([8, 8])
  expect(await embeddings.embedQuery('one two')).toEqual(vectors[0])
})

it('throws what the gateway says', async () => {
  await expect(chat('fault/status-429').invoke('hi')).rejects.toMatchObject({
    status: 429,
    code: 'upstream_rate_limited',
  })
})
