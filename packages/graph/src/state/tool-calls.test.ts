import { AIMessage } from '@langchain/core/messages'
import { describe, expect, it } from 'vitest'
import { toolCallsOf } from './tool-calls.ts'

const call = (text: string): unknown => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: text } }],
})

describe('the calls a message asks for', () => {
  it.each<[name: string, message: unknown, valid: unknown[], invalid: unknown[]]>([
    ['OpenAI’s', call('{"a":1}'), [{ id: 'c', name: 'f', args: { a: 1 } }], []],
    ['without arguments', call(''), [{ id: 'c', name: 'f', args: {} }], []],
    [
      'cut off in the middle of the JSON',
      call('{"a":"unfin'),
      [],
      [{ id: 'c', name: 'f', text: '{"a":"unfin', error: expect.any(String) }],
    ],
    [
      'LangChain’s',
      new AIMessage({ content: '', tool_calls: [{ id: 'c', name: 'f', args: { a: 1 } }] }),
      [{ id: 'c', name: 'f', args: { a: 1 } }],
      [],
    ],
    [
      'LangChain’s unreadable ones',
      new AIMessage({
        content: '',
        invalid_tool_calls: [{ id: 'c', name: 'f', args: '{"a', error: 'Malformed args.' }],
      }),
      [],
      [{ id: 'c', name: 'f', text: '{"a', error: 'Malformed args.' }],
    ],
    ['none', { role: 'assistant', content: 'hi' }, [], []],
    ['of nothing', undefined, [], []],
  ])('%s', (_, message, valid, invalid) => {
    expect(toolCallsOf(message)).toEqual({ valid, invalid })
  })
})
