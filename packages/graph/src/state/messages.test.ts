import type { CompletionParams } from '@switchyard/llm'
import {
  AIMessage,
  HumanMessage,
  RemoveMessage as TheirRemoveMessage,
  ToolMessage,
} from '@langchain/core/messages'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coerceMessage } from './coerce-message.ts'
import type { MessageLike } from './coerce-message.ts'
import type { Message } from './message.ts'
import {
  createMessagesReducer,
  messagesDeltaReducer,
  messagesStateReducer,
  messageToPush,
} from './messages.ts'
import type { Messages } from './messages.ts'
import { REMOVE_ALL_MESSAGES, RemoveMessage } from './remove-message.ts'

function reducer(): (left: Messages, right: Messages) => Message[] {
  let ids = 0
  return createMessagesReducer(() => `new-${++ids}`)
}

const user = (id: string, content = id): Message => ({ id, role: 'user', content })
const remove = (id: string): RemoveMessage => new RemoveMessage({ id })

describe('what is written to a list of messages', () => {
  it.each<[name: string, left: Messages, right: Messages, expected: Message[]]>([
    ['a new id is appended', [user('a')], [user('b')], [user('a'), user('b')]],
    ['a known id replaces in place', [user('a'), user('b')], [user('a', 'x')], [user('a', 'x'), user('b')]],
    ['a removal takes away', [user('a'), user('b')], [remove('a')], [user('b')]],
    ['removed and written again stays', [user('a')], [remove('a'), user('a', 'x')], [user('a', 'x')]],
    ['written twice in one step: the last', [], [user('a'), user('a', 'x')], [user('a', 'x')]],
    ['written and removed in one step', [], [user('a'), remove('a')], []],
    [
      'all are removed: what follows stays',
      [user('a')],
      [user('b'), remove(REMOVE_ALL_MESSAGES), user('c')],
      [user('c')],
    ],
    [
      'removed twice: the last counts',
      [user('a')],
      [remove(REMOVE_ALL_MESSAGES), user('b'), remove(REMOVE_ALL_MESSAGES)],
      [],
    ],
    ['one message without a list', user('a'), user('b'), [user('a'), user('b')]],
    ['a text is said by the user', [], 'hi', [{ id: 'new-1', role: 'user', content: 'hi' }]],
    [
      'a list of texts is a list of messages',
      [],
      ['a', 'b'],
      [
        { id: 'new-1', role: 'user', content: 'a' },
        { id: 'new-2', role: 'user', content: 'b' },
      ],
    ],
    ['nothing is written', [user('a')], [], [user('a')]],
  ])('%s', (_, left, right, expected) => {
    expect(reducer()(left, right)).toEqual(expected)
  })

  it('says which removed message is not there', () => {
    expect(() => messagesStateReducer([user('a')], [remove('b')])).toThrow(
      "Attempting to delete a message with an ID that doesn't exist ('b')",
    )
  })

  it('gives ids that differ', () => {
    const ids = messagesStateReducer([], ['a', 'b', { role: 'user', content: 'c' }]).map(({ id }) => id)
    expect(new Set(ids).size).toBe(3)
    expect(ids).not.toContain(undefined)
  })

  it('keeps the objects of messages that stay, and changes neither list', () => {
    const left = messagesStateReducer([], [user('a'), user('b')])
    const right = [user('c'), user('a', 'x')]
    const result = messagesStateReducer(left, right)
    expect(result[1]).toBe(left[1])
    expect(left.map(({ content }) => content)).toEqual(['a', 'b'])
    expect(right).toEqual([user('c'), user('a', 'x')])
  })

  it('two branches from one list do not know of each other', () => {
    const base = messagesStateReducer([], [user('a')])
    const one = messagesStateReducer(messagesStateReducer(base, [user('b')]), [user('c')])
    const two = messagesStateReducer(messagesStateReducer(base, [user('c')]), [user('b')])
    expect(messagesStateReducer(one, [user('c', 'x')]).map(({ content }) => content)).toEqual(['a', 'b', 'x'])
    expect(messagesStateReducer(two, [user('c', 'y')]).map(({ content }) => content)).toEqual(['a', 'y', 'b'])
    expect(messagesStateReducer(base, [user('c', 'z')]).map(({ content }) => content)).toEqual(['a', 'z'])
  })

  it('a list that only grew begins with the very elements of the one before', () => {
    let messages: Message[] = messagesStateReducer([], ['a', 'b'])
    for (let turn = 0; turn < 100; turn += 1) {
      const next = messagesStateReducer(messages, [user(`m${turn}`), { role: 'assistant', content: 'ok' }])
      expect(next.slice(0, messages.length).every((message, index) => message === messages[index])).toBe(true)
      messages = next
    }
    expect(messages).toHaveLength(202)
  })
})

describe('what stands for a message', () => {
  it.each<[name: string, like: unknown, expected: unknown]>([
    ['a text', 'hi', { role: 'user', content: 'hi' }],
    ['a pair', ['user', 'hi'], { role: 'user', content: 'hi' }],
    ['a pair in LangChain’s words', ['ai', 'hi'], { role: 'assistant', content: 'hi' }],
    ['a pair with the role human', ['human', 'hi'], { role: 'user', content: 'hi' }],
    [
      'LangChain’s wire form',
      { type: 'human', id: 'a', content: 'hi' },
      { role: 'user', id: 'a', content: 'hi' },
    ],
    [
      'a removal on the wire',
      { type: 'remove', id: 'a' },
      expect.objectContaining({ role: 'remove', id: 'a' }),
    ],
    [
      'an answer with LangChain’s calls',
      { type: 'ai', content: '', tool_calls: [{ id: 'c', name: 'f', args: { a: 1 } }] },
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
      },
    ],
    [
      'LangChain’s serialized form',
      {
        lc: 1,
        type: 'constructor',
        id: ['langchain_core', 'messages', 'HumanMessage'],
        kwargs: { id: 'a', content: 'hi' },
      },
      { role: 'user', id: 'a', content: 'hi' },
    ],
    [
      'a tool’s result',
      { type: 'tool', content: 'ok', tool_call_id: 'c' },
      { role: 'tool', content: 'ok', tool_call_id: 'c' },
    ],
  ])('%s', (_, like, expected) => {
    expect(coerceMessage(like)).toEqual(expected)
  })

  it.each<[name: string, like: unknown]>([
    ['nothing', null],
    ['a number', 7],
    ['a role nobody has', { role: 'narrator', content: 'hi' }],
    ['no content', { role: 'user' }],
    ['three in a row', ['user', 'a', 'b']],
    ['a class that is no message', { lc: 1, type: 'constructor', id: ['Evil'], kwargs: {} }],
    ['a role taken from the prototype', { role: 'constructor', content: '' }],
  ])('not %s', (_, like) => {
    expect(() => coerceMessage(like)).toThrow(TypeError)
  })

  it('an OpenAI message is kept as it is, unknown fields too', () => {
    const message = { id: 'a', role: 'assistant', content: null, tool_calls: [], annotations: [1] }
    expect(coerceMessage(message)).toBe(message)
  })
})

describe('instances of LangChain’s classes', () => {
  it('are kept, given an id, replaced and removed', () => {
    const human = new HumanMessage('hi')
    const first = messagesStateReducer([], [human, new AIMessage({ id: 'x', content: 'a' })])
    expect(first[0]).toBe(human)
    expect(human.id).toMatch(/^[0-9a-f-]{36}$/)
    const second = messagesStateReducer(first, [new AIMessage({ id: 'x', content: 'b' }), user('plain')])
    expect(second.map(({ content }) => content)).toEqual(['hi', 'b', 'plain'])
    const third = messagesStateReducer(second, [
      new TheirRemoveMessage({ id: 'x' }),
      new ToolMessage({ id: 't', content: 'r', tool_call_id: 'c' }),
    ])
    expect(third.map(({ id }) => id)).toEqual([human.id, 'plain', 't'])
    expect(messagesStateReducer(third, [new TheirRemoveMessage({ id: REMOVE_ALL_MESSAGES })])).toEqual([])
  })
})

describe('the batch form', () => {
  const writes = fc.array(
    fc.oneof(
      fc.record({ role: fc.constant('user'), id: fc.constantFrom('a', 'b', 'c'), content: fc.string() }),
      fc.constantFrom('a', 'b', 'z', REMOVE_ALL_MESSAGES).map((id) => new RemoveMessage({ id })),
    ),
  )

  it('answers the same however writes are cut into batches', () => {
    fc.assert(
      fc.property(writes, writes, (first, second) => {
        const inTwo = messagesDeltaReducer(messagesDeltaReducer([], [first as MessageLike[]]), [
          second as MessageLike[],
        ])
        expect(inTwo).toEqual(messagesDeltaReducer([], [[...first, ...second] as MessageLike[]]))
      }),
    )
  })

  it('takes single messages and lists', () => {
    expect(messagesDeltaReducer([user('a')], [user('b'), [user('c'), remove('a')]])).toEqual([
      user('b'),
      user('c'),
    ])
  })
})

it('a pushed message needs an id', () => {
  expect(messageToPush({ role: 'assistant', id: 'a', content: 'x' })).toEqual({
    role: 'assistant',
    id: 'a',
    content: 'x',
  })
  expect(() => messageToPush('x')).toThrow('no id')
})

it('messages of a state can be sent to a model as they are', () => {
  const messages: Message[] = [user('a')]
  const params: Pick<CompletionParams, 'messages'> = { messages }
  expect(params.messages).toBe(messages)
})
