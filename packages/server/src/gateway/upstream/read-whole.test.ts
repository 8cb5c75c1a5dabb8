import { isSwitchyardError } from '@switchyard/llm/kit'
import type { DialectId } from '@switchyard/llm/kit'
import { describe, expect, test } from 'vitest'
import { planOf } from '../testing/services.ts'
import { readAnswer, readRelayedAnswer } from './read-whole.ts'

const plan = planOf('http://acme.test')

function whole(text: string, type = 'application/json'): Parameters<typeof readAnswer>[0] {
  return { headers: { 'content-type': type }, body: Buffer.from(text) }
}

function reasonOf(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    if (!isSwitchyardError(error)) throw error
    return error.reason ?? error.code
  }
}

const chat = {
  id: 'c',
  object: 'chat.completion',
  model: 'm-2',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi "error"' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2 },
}
const message = {
  type: 'message',
  model: 'm-2',
  content: [{ type: 'text', text: 'Hi' }],
  usage: { input_tokens: 3, output_tokens: 2 },
}
const response = {
  object: 'response',
  status: 'completed',
  model: 'm-2',
  output: [],
  usage: { input_tokens: 3, output_tokens: 2 },
}
const facts = { model: 'm-2', usage: { inputTokens: 3, outputTokens: 2 } }

describe('a relayed answer', () => {
  test.each<[DialectId, object]>([
    ['openai-chat', chat],
    ['anthropic-messages', message],
    ['openai-responses', response],
  ])('of %s tells usage and model', (dialect, body) => {
    expect(readRelayedAnswer(whole(JSON.stringify(body)), plan, dialect)).toMatchObject(facts)
  })

  test.each<[string, string, string | undefined, DialectId]>([
    ['cut', '{"choices":[', undefined, 'openai-chat'],
    ['followed by garbage', `${JSON.stringify(chat)}x`, undefined, 'openai-chat'],
    ['empty', '', undefined, 'openai-chat'],
    ['null', 'null', undefined, 'openai-chat'],
    ['a list', '[]', undefined, 'openai-chat'],
  ])('that is %s is none', (_name, text, _type, dialect) => {
    expect(reasonOf(() => readRelayedAnswer(whole(text), plan, dialect))).toBe('upstream_invalid_response')
  })

  test('of another type is none', () => {
    const read = (): unknown => readRelayedAnswer(whole('<html>', 'text/html'), plan, 'openai-chat')
    expect(reasonOf(read)).toBe('upstream_invalid_content_type')
  })

  test.each<[DialectId, object]>([
    ['openai-chat', {}],
    ['openai-chat', { choices: [] }],
    ['openai-chat', { choices: null }],
    ['anthropic-messages', { type: 'message' }],
    ['openai-responses', { object: 'response' }],
  ])('of %s without an answer (%j) is none', (dialect, body) => {
    expect(reasonOf(() => readRelayedAnswer(whole(JSON.stringify(body)), plan, dialect))).toBe(
      'upstream_error',
    )
  })

  test.each<[DialectId, object]>([
    ['openai-chat', { error: { message: 'boom', type: 'server_error' } }],
    ['anthropic-messages', { type: 'error', error: { type: 'api_error', message: 'boom' } }],
    [
      'openai-responses',
      { object: 'response', status: 'failed', error: { code: 'server_error', message: 'boom' } },
    ],
  ])('of %s with an error is a failure', (dialect, body) => {
    expect(() => readRelayedAnswer(whole(JSON.stringify(body)), plan, dialect)).toThrow(/boom/)
  })
})

describe('a translated answer', () => {
  test('is read into our own form', () => {
    expect(readAnswer(whole(JSON.stringify(chat)), plan)).toMatchObject({
      model: 'm-2',
      choices: [{ parts: [{ type: 'text', text: 'Hi "error"' }], finish: { reason: 'stop' } }],
      usage: { inputTokens: 3, outputTokens: 2 },
    })
  })

  test.each<[string, string, string]>([
    ['{"choices":[', 'application/json', 'upstream_invalid_response'],
    ['<html>', 'text/html; charset=utf-8', 'upstream_invalid_content_type'],
    ['{}', 'application/json', 'upstream_error'],
    ['{"choices":[]}', 'application/json', 'upstream_error'],
  ])('%s as %s is none', (text, type, reason) => {
    expect(reasonOf(() => readAnswer(whole(text, type), plan))).toBe(reason)
  })
})
