import { describe, expect, it } from 'vitest'
import { questionOf } from './question.ts'

const system = { role: 'system', content: 'rules' }
const user = { role: 'user', content: 'What is it?' }

describe('the question of a request', () => {
  it('is the last thing that was asked; all else has to be the same', () => {
    expect(questionOf({ messages: [system, user], temperature: 0 }, 'chat')).toEqual({
      text: 'What is it?',
      rest: { messages: [system, { role: 'user' }], temperature: 0 },
    })
    const parts = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ]
    expect(questionOf({ messages: [{ role: 'user', content: parts }] }, 'messages')?.text).toBe('a\nb')
    expect(questionOf({ input: 'hi', instructions: 'x' }, 'responses')).toEqual({
      text: 'hi',
      rest: { instructions: 'x' },
    })
    expect(
      questionOf({ input: [{ role: 'user', content: [{ type: 'input_text', text: 'hi' }] }] }, 'responses')
        ?.text,
    ).toBe('hi')
    expect(questionOf({ prompt: 'once' }, 'completions')?.text).toBe('once')
  })

  it.each<[string, object]>([
    ['a picture', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] }],
    [
      'a picture beside words',
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'image_url' }] }] },
    ],
    ['a tool’s result', { messages: [user, { role: 'tool', content: 'x' }] }],
    ['a beginning to go on from', { messages: [user, { role: 'assistant', content: 'x' }] }],
    ['nothing', { messages: [{ role: 'user', content: ' ' }] }],
    ['no list', { messages: 'x' }],
  ])('is none where it is %s', (_, request) => {
    expect(questionOf({ ...request }, 'chat')).toBeUndefined()
  })
})
