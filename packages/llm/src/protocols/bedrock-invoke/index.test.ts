import { expect, test } from 'vitest'
import type { JsonObject } from '../../types/json.ts'
import { bedrockInvokeProtocol } from './index.ts'

const context = { provider: 'bedrock', model: 'm', quirks: {}, newId: () => 'made' }

test.each([
  [false, '/model/anthropic.claude-v2%3A1/invoke'],
  [true, '/model/anthropic.claude-v2%3A1/invoke-with-response-stream'],
])("Anthropic's body without model and stream (stream: %s)", (stream, path) => {
  const request = bedrockInvokeProtocol.renderRequest(
    {
      model: 'given',
      stream,
      maxTokens: 5,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
    },
    { model: 'anthropic.claude-v2:1', quirks: {}, newId: () => 'made' },
  )
  expect(request.path).toBe(path)
  expect(request.headers).toBeUndefined()
  expect(request.body).toMatchObject({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 5 })
  expect(request.body).not.toHaveProperty('model')
  expect(request.body).not.toHaveProperty('stream')
})

function streamOf(events: JsonObject[], exception?: string) {
  const parser = bedrockInvokeProtocol.createStreamParser(context)
  const read = events.flatMap((event) => {
    const bytes = Buffer.from(JSON.stringify(event)).toString('base64')
    return parser.push({ event: 'chunk', kind: 'event', data: JSON.stringify({ bytes, p: 'abc' }) })
  })
  if (exception !== undefined)
    read.push(...parser.push({ event: exception, kind: 'exception', data: '{"message":"Sorry"}' }))
  return [...read, ...parser.end()]
}

const begin: JsonObject[] = [
  {
    type: 'message_start',
    message: {
      id: 'msg',
      model: 'claude',
      role: 'assistant',
      content: [],
      usage: { input_tokens: 4, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
]

test("Anthropic's events in Amazon's envelope", () => {
  const events = streamOf([
    ...begin,
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
    { type: 'message_stop', 'amazon-bedrock-invocationMetrics': { inputTokenCount: 4 } },
  ])
  expect(events.map(({ type }) => type)).toEqual(['start', 'text-start', 'text-delta', 'text-end', 'finish'])
  expect(events.at(-1)).toMatchObject({ reason: 'stop', usage: { inputTokens: 4, outputTokens: 2 } })
})

test('an exception closes what is open and says what Bedrock said', () => {
  expect(streamOf(begin, 'throttlingException').slice(-2)).toMatchObject([
    { type: 'text-end' },
    {
      type: 'error',
      failure: { code: 'rate_limit', message: 'bedrock: Sorry', providerCode: 'throttlingException' },
    },
  ])
})
