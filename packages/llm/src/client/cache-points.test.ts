import { describe, expect, it } from 'vitest'
import type { Message } from '../types/message.ts'
import type { ChatRequest } from '../types/request.ts'
import { markCachePoints, parseCachePoints } from './cache-points.ts'

const text = (words: string, marked = false): { type: 'text'; text: string } => ({
  type: 'text',
  text: words,
  ...(marked ? { cacheControl: {} } : {}),
})

function request(messages: Message[]): ChatRequest {
  return { model: 'm', stream: false, messages }
}

const conversation = request([
  { role: 'system', content: [text('rules'), text('more rules')] },
  { role: 'user', content: [text('first')] },
  {
    role: 'assistant',
    content: [text('answer'), { type: 'tool-call', id: 't', name: 'f', arguments: '{}' }],
  },
  { role: 'tool', toolCallId: 't', content: [text('result')] },
  { role: 'user', content: [text('last')] },
])

/** Where marks are: message and part, or `tool` for a whole result. */
function marksOf({ messages }: ChatRequest): string[] {
  return messages.flatMap((message, at) => [
    ...message.content.flatMap((part, index) =>
      'cacheControl' in part && part.cacheControl !== undefined
        ? [`${at}.${index}${part.cacheControl.ttl ?? ''}`]
        : [],
    ),
    ...(message.role === 'tool' && message.cacheControl !== undefined ? [`${at}`] : []),
  ])
}

describe('marks go where the points say', () => {
  it.each<[string, object[], string[]]>([
    ['the end of the system prompt', [{ location: 'message', role: 'system' }], ['0.1']],
    ['every message of a role', [{ location: 'message', role: 'user' }], ['1.0', '4.0']],
    ['one by its place', [{ location: 'message', index: 1 }], ['1.0']],
    ['one from the end', [{ location: 'message', index: -1 }], ['4.0']],
    ['a place as a text', [{ location: 'message', index: '-1' }], ['4.0']],
    ['the last words before a tool call', [{ location: 'message', index: 2 }], ['2.0']],
    ['a tool’s result', [{ location: 'message', role: 'tool' }], ['3']],
    ['for an hour', [{ role: 'system', control: { type: 'ephemeral', ttl: '1h' } }], ['0.11h']],
    ['nowhere, where there is no such message', [{ location: 'message', index: 9 }], []],
    ['one mark at one place', [{ role: 'system' }, { index: 0 }], ['0.1']],
  ])('%s', (_, points, expected) => {
    expect(marksOf(markCachePoints(conversation, parseCachePoints(points)))).toEqual(expected)
  })

  it('but not more of them than providers take, and the caller’s stay', () => {
    const many = request(
      Array.from({ length: 8 }, (_, at) => ({
        role: 'user' as const,
        content: [text(String(at), at === 0)],
      })),
    )
    expect(marksOf(markCachePoints(many, parseCachePoints([{ role: 'user' }])))).toEqual([
      '0.0',
      '5.0',
      '6.0',
      '7.0',
    ])
  })

  it('and nothing else changes', () => {
    const before = structuredClone(conversation)
    const marked = markCachePoints(conversation, parseCachePoints([{ role: 'system' }]))
    expect(conversation).toEqual(before)
    expect(marked.messages.slice(1)).toEqual(conversation.messages.slice(1))
    expect(markCachePoints(conversation, [])).toBe(conversation)
  })
})

describe('points that cannot be meant', () => {
  it.each<[unknown, string]>([
    [{}, 'expected a list'],
    [['system'], 'expected a map'],
    [[{ location: 'message' }], 'needs a role or an index'],
    [[{ location: 'tool_config', role: 'system' }], "expected 'message'"],
    [[{ location: 'message', role: 'robot' }], 'expected one of system'],
    [[{ location: 'message', index: 1.5 }], 'expected a whole number'],
  ])('%j', (value, words) => {
    expect(() => parseCachePoints(value)).toThrow(words)
  })
})
