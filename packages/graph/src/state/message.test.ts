import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages'
import { describe, expect, it } from 'vitest'
import {
  isAssistantMessage,
  isSystemMessage,
  isToolMessage,
  isUserMessage,
  roleOf,
  textOf,
} from './message.ts'
import type { MessageRole } from './message.ts'

describe('who speaks', () => {
  it.each<[message: unknown, role: MessageRole]>([
    [{ role: 'user', content: '' }, 'user'],
    [{ role: 'developer', content: '' }, 'system'],
    [{ type: 'ai', content: '' }, 'assistant'],
    [new HumanMessage(''), 'user'],
    [new AIMessage(''), 'assistant'],
    [new SystemMessage(''), 'system'],
    [new ToolMessage({ content: '', tool_call_id: 'c' }), 'tool'],
    [{ role: '__proto__' }, 'other'],
    [null, 'other'],
    ['user', 'other'],
  ])('%o: %s', (message, role) => {
    expect(roleOf(message)).toBe(role)
    expect(isUserMessage(message)).toBe(role === 'user')
    expect(isAssistantMessage(message)).toBe(role === 'assistant')
    expect(isSystemMessage(message)).toBe(role === 'system')
    expect(isToolMessage(message)).toBe(role === 'tool')
  })
})

it.each<[content: unknown, text: string]>([
  ['hi', 'hi'],
  [null, ''],
  [
    [
      { type: 'text', text: 'a' },
      { type: 'image_url', image_url: { url: '' } },
      { type: 'text', text: 'b' },
    ],
    'ab',
  ],
  [['a', 'b'], 'ab'],
])('the text of %o', (content, text) => {
  expect(textOf({ content })).toBe(text)
})
