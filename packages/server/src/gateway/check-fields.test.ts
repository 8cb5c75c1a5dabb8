import { describe, expect, test } from 'vitest'
import { scanJson } from '../http/scan-json.ts'
import { checkFields, REQUEST_FIELDS } from './check-fields.ts'
import { checkAllowed } from './fields.ts'
import type { LlmOperation } from './routes/routes.ts'

function check(operation: LlmOperation, text: string): string {
  try {
    checkFields(scanJson(Buffer.from(text)), operation)
    return 'fine'
  } catch (error) {
    const { status, reason, param } = error as { status?: number; reason?: string; param?: string }
    return `${status} ${reason} ${param}`
  }
}

const required: Partial<Record<LlmOperation, string>> = {
  chat: '"messages":[]',
  completions: '"prompt":"x"',
  embeddings: '"input":"x"',
  rerank: '"query":"x","documents":["y"]',
  transcription: '"file":"x"',
  responses: '"input":"x"',
  messages: '"messages":[],"max_tokens":5',
}

describe('fields of a chat', () => {
  test.each([
    ['"temperature":2', 'fine'],
    ['"temperature":null', 'fine'],
    ['"temperature":2.1', '400 out_of_range temperature'],
    ['"temperature":-0.1', '400 out_of_range temperature'],
    ['"temperature":"hot"', '400 invalid_type temperature'],
    ['"temperature":1e400', '400 invalid_type temperature'],
    ['"top_p":2', '400 out_of_range top_p'],
    ['"n":1.5', '400 invalid_type n'],
    ['"n":0', '400 out_of_range n'],
    ['"n":129', '400 limit_exceeded n'],
    ['"max_tokens":1e9', '400 limit_exceeded max_tokens'],
    ['"max_tokens":-1', '400 out_of_range max_tokens'],
    ['"stream":"yes"', '400 invalid_type stream'],
    ['"stop":["a"]', 'fine'],
    ['"strict":"yes"', '400 invalid_type strict'],
    ['"stop":1', '400 invalid_type stop'],
    ['"model":null', '400 invalid_type model'],
    ['"tools":{}', '400 invalid_type tools'],
    ['"top_logprobs":21', '400 out_of_range top_logprobs'],
    ['"future_field":{"a":1}', 'fine'],
    ['"constructor":1', 'fine'],
  ])('%s: %s', (member, expected) => {
    expect(check('chat', `{"messages":[],${member}}`)).toBe(expected)
  })

  test.each([
    ['messages', 8_192],
    ['tools', 2_048],
  ])('at most so many %s: %i', (key, most) => {
    const list = (count: number): string => `{"messages":[],"${key}":[${Array(count).fill('{}').join(',')}]}`
    const body = (count: number): string =>
      key === 'messages' ? list(count).replace('"messages":[],', '') : list(count)
    expect(check('chat', body(most))).toBe('fine')
    expect(check('chat', body(most + 1))).toBe(`400 limit_exceeded ${key}`)
  })
})

describe('what must be there', () => {
  test.each<[LlmOperation, string]>([
    ['chat', 'messages'],
    ['completions', 'prompt'],
    ['embeddings', 'input'],
    ['rerank', 'query'],
    ['transcription', 'file'],
    ['messages', 'messages'],
  ])('%s: %s', (operation, param) => {
    expect(check(operation, '{}')).toBe(`400 missing_required_parameter ${param}`)
    expect(check(operation, `{${required[operation]}}`)).toBe('fine')
  })

  test('messages of Anthropic need a bound', () => {
    expect(check('messages', '{"messages":[]}')).toBe('400 missing_required_parameter max_tokens')
  })
})

test.each<[LlmOperation, string, string]>([
  ['messages', '"temperature":1.5', '400 out_of_range temperature'],
  ['messages', '"system":[]', 'fine'],
  ['messages', '"tool_choice":"auto"', '400 invalid_type tool_choice'],
  ['responses', '"input":{}', '400 invalid_type input'],
  ['responses', '"store":"no"', '400 invalid_type store'],
  ['embeddings', '"dimensions":0', '400 out_of_range dimensions'],
  ['embeddings', '"input":[[1,2],[3]]', 'fine'],
  ['rerank', '"documents":"x"', '400 invalid_type documents'],
  ['rerank', '"top_n":0', '400 out_of_range top_n'],
  ['transcription', '"temperature":1.5', '400 out_of_range temperature'],
  ['completions', '"echo":1', '400 invalid_type echo'],
])('%s with %s: %s', (operation, member, expected) => {
  const key = /"(\w+)"/.exec(member)?.[1]
  const rest = required[operation] ?? ''
  expect(check(operation, `{${rest.includes(`"${key}"`) ? member : `${rest},${member}`}}`)).toBe(expected)
})

test('what a rule is known for is not forbidden', () => {
  for (const key of REQUEST_FIELDS) expect(() => checkAllowed(key)).not.toThrow()
})
