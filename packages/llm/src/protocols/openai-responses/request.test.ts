import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../types/json.ts'
import type { Message } from '../../types/message.ts'
import type { ChatRequest } from '../../types/request.ts'
import type { RenderContext } from '../protocol.ts'
import { openaiResponsesProtocol } from './index.ts'

const context: RenderContext = { model: 'gpt', quirks: {}, newId: () => 'id' }
const hello: Message = { role: 'user', content: [{ type: 'text', text: 'Hello' }] }

function render(request: Partial<ChatRequest>, quirks: RenderContext['quirks'] = {}): JsonObject {
  const whole: ChatRequest = { model: 'm', messages: [hello], stream: false, ...request }
  return openaiResponsesProtocol.renderRequest(whole, { ...context, quirks }).body
}

describe('the conversation', () => {
  test('becomes items', () => {
    const body = render({
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be kind' }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            {
              type: 'image',
              source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' },
              detail: 'low',
            },
            {
              type: 'file',
              source: { type: 'base64', mediaType: 'application/pdf', data: 'BBBB' },
              name: 'a.pdf',
            },
            { type: 'file', source: { type: 'url', url: 'https://a/b.pdf' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'one', itemId: 'rs_1' },
            { type: 'reasoning', text: 'two', itemId: 'rs_1', encrypted: 'e' },
            { type: 'reasoning', text: 'another wire’s', signature: 's' },
            { type: 'text', text: 'Hi' },
            { type: 'tool-call', id: 'call_1', name: 'f', arguments: '' },
            { type: 'tool-call', id: 'call_2', name: 'g', arguments: 'x', custom: true },
          ],
        },
        { role: 'tool', toolCallId: 'call_1', content: [{ type: 'text', text: 'ok' }] },
        { role: 'tool', toolCallId: 'call_2', content: [] },
        { role: 'developer', content: [{ type: 'text', text: 'Now' }] },
      ],
    })
    expect(body).toEqual({
      model: 'gpt',
      instructions: 'Be kind',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'Look' },
            { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'low' },
            { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,BBBB' },
            { type: 'input_file', file_url: 'https://a/b.pdf' },
          ],
        },
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [
            { type: 'summary_text', text: 'one' },
            { type: 'summary_text', text: 'two' },
          ],
          encrypted_content: 'e',
        },
        { role: 'assistant', content: 'Hi' },
        { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' },
        { type: 'custom_tool_call', call_id: 'call_2', name: 'g', input: 'x' },
        { type: 'function_call_output', call_id: 'call_1', output: 'ok' },
        { type: 'custom_tool_call_output', call_id: 'call_2', output: '' },
        { role: 'developer', content: 'Now' },
      ],
    })
  })
})

describe('settings', () => {
  const schema = { type: 'object' }
  test.each<[Partial<ChatRequest>, JsonObject]>([
    [{ maxTokens: 5 }, { max_output_tokens: 16 }],
    [{ stream: true }, { stream: true }],
    [{ reasoning: { effort: 'low', summary: 'auto' } }, { reasoning: { effort: 'low', summary: 'auto' } }],
    [{ reasoning: { budgetTokens: 2000 } }, { reasoning: { effort: 'medium' } }],
    [{ reasoning: { mode: 'disabled' } }, { reasoning: { effort: 'none' } }],
    [
      { reasoning: { effort: 'low' }, store: false },
      { reasoning: { effort: 'low' }, store: false, include: ['reasoning.encrypted_content'] },
    ],
    [
      { logprobs: true, topLogprobs: 2 },
      { top_logprobs: 2, include: ['message.output_text.logprobs'] },
    ],
    [
      { responseFormat: { type: 'json' }, verbosity: 'low' },
      { text: { format: { type: 'json_object' }, verbosity: 'low' } },
    ],
    [
      { responseFormat: { type: 'json-schema', name: 'n', schema, strict: true } },
      { text: { format: { type: 'json_schema', name: 'n', schema, strict: true } } },
    ],
    [{ extra: { a: 1, model: 'no' } }, { a: 1 }],
    [{ dialect: { protocol: 'anthropic-messages', fields: { b: 1 } } }, {}],
    [
      { webSearch: { search_context_size: 'low' } },
      { tools: [{ type: 'web_search', search_context_size: 'low' }] },
    ],
  ])('%j', (request, fields) => {
    expect(render(request)).toEqual({ model: 'gpt', input: [{ role: 'user', content: 'Hello' }], ...fields })
  })

  test('tools are flat, and lax unless the client says otherwise', () => {
    const grammar = { type: 'grammar', grammar: { syntax: 'lark', definition: 'd' } }
    const body = render({
      tools: [
        { type: 'function', name: 'f', parameters: schema },
        { type: 'function', name: 'g', strict: true },
        {
          type: 'native',
          protocol: 'openai-chat',
          raw: { type: 'custom', custom: { name: 'sql', format: grammar } },
        },
        { type: 'native', protocol: 'anthropic-messages', raw: { type: 'bash_20250124' } },
      ],
      toolChoice: { type: 'tool', name: 'sql' },
      parallelToolCalls: false,
    })
    expect(body).toMatchObject({ tool_choice: { type: 'custom', name: 'sql' }, parallel_tool_calls: false })
    expect(body.tools).toEqual([
      { type: 'function', name: 'f', parameters: schema, strict: false },
      { type: 'function', name: 'g', parameters: { type: 'object', properties: {} }, strict: true },
      { type: 'custom', name: 'sql', format: { type: 'grammar', syntax: 'lark', definition: 'd' } },
    ])
  })

  test('a schema is told in words where it is refused', () => {
    const body = render(
      { responseFormat: { type: 'json-schema', name: 'n', schema } },
      { jsonSchema: 'json-object' },
    )
    expect(body.text).toEqual({ format: { type: 'json_object' } })
    expect(JSON.stringify(body.input)).toContain('JSON Schema')
  })
})
