import type {
  ResponseCustomToolCall,
  ResponseFunctionToolCall,
  ResponseOutputMessage,
  ResponseReasoningItem as OpenaiReasoningItem,
  ResponseStreamEvent,
  ResponseUsage as OpenaiUsage,
} from 'openai/resources/responses/responses'
import { expect, expectTypeOf, test } from 'vitest'
import type {
  ResponseCustomCallItem,
  ResponseEvent,
  ResponseFunctionCallItem,
  ResponseMessageItem,
  ResponseObject,
  ResponseReasoningItem,
  ResponseUsage,
} from '../types/openai-responses.ts'
import { createClient } from './client.ts'

const { responses } = createClient({ newId: () => 'id', nowMs: () => 5_000, env: () => undefined })
const ask = {
  model: 'anthropic/claude-sonnet-4-5',
  input: 'Hello',
  mock_response: 'Hi there',
  api_key: 'key',
}

test('a response of any model is one of OpenAI’s', async () => {
  expect(await responses({ ...ask, instructions: 'Be kind' })).toMatchObject({
    id: 'resp_id',
    object: 'response',
    created_at: 5,
    status: 'completed',
    instructions: 'Be kind',
    output_text: 'Hi there',
    output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi there' }] }],
  })
})

test('a streamed one is its events', async () => {
  const types: string[] = []
  for await (const event of await responses({ ...ask, stream: true })) types.push(event.type)
  expect(types).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ])
})

test('or the events of our own form', async () => {
  const stream = await responses({ ...ask, stream: true })
  const types: string[] = []
  for await (const event of stream.events) types.push(event.type)
  expect(types).toEqual(['start', 'text-start', 'text-delta', 'text-end', 'finish'])
})

test('what only the provider knows cannot be asked of one without responses of its own', async () => {
  const { mock_response: _mock, ...call } = ask
  await expect(responses({ ...call, previous_response_id: 'resp_0' })).rejects.toMatchObject({
    code: 'bad_request',
    param: 'previous_response_id',
  })
})

test('items and their events are of the types of OpenAI’s package', () => {
  type AboutItems = Exclude<ResponseEvent, { response: ResponseObject } | { item: unknown }>
  expectTypeOf<ResponseMessageItem>().toExtend<ResponseOutputMessage>()
  expectTypeOf<ResponseReasoningItem>().toExtend<OpenaiReasoningItem>()
  expectTypeOf<ResponseFunctionCallItem>().toExtend<ResponseFunctionToolCall>()
  expectTypeOf<ResponseCustomCallItem>().toExtend<ResponseCustomToolCall>()
  expectTypeOf<ResponseUsage>().toExtend<OpenaiUsage>()
  expectTypeOf<AboutItems>().toExtend<ResponseStreamEvent>()
})
