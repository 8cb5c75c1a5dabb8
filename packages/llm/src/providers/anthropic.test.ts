import { expect, test } from 'vitest'
import type { AuthContext } from '../types/auth.ts'
import { anthropic, claudeQuirks, messagesUrl } from './anthropic.ts'

test.each([
  ['https://api.anthropic.com', '/v1/messages', 'https://api.anthropic.com/v1/messages'],
  ['https://proxy/anthropic', '/v1/messages', 'https://proxy/anthropic/v1/messages'],
  ['https://proxy/v1', '/v1/messages', 'https://proxy/v1/messages'],
  ['https://proxy/v1/messages', '/v1/messages', 'https://proxy/v1/messages'],
  ['https://proxy/v1/messages', '/v1/messages/count_tokens', 'https://proxy/v1/messages/count_tokens'],
])('%s and %s', (base, path, url) => {
  expect(messagesUrl({ base, path })).toBe(url)
})

test.each([
  ['claude-3-5-sonnet-20241022', []],
  ['claude-sonnet-4-20250514', []],
  ['claude-opus-4-1-20250805', [0]],
  ['claude-haiku-4-5-20251001', [0]],
  ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', [0]],
  ['claude-opus-4-6', [0, 1]],
  ['claude-opus-4-7', [0, 1, 2]],
  ['claude-opus-4-10', [0, 1, 2]],
  ['claude-sonnet-5', [0, 1, 2]],
  ['claude-mythos-preview', [0, 1, 2]],
])('rows that hold for %s', (model, rows) => {
  expect(claudeQuirks.flatMap(({ match }, row) => (match.test(model) ? [row] : []))).toEqual(rows)
})

test.each([
  ['a key', 'sk-ant-1', {}, { 'x-api-key': 'sk-ant-1' }],
  ['a token', 'tok', { ANTHROPIC_AUTH_TOKEN: 'tok' }, { authorization: 'Bearer tok' }],
  ['a key beside a token', 'sk-ant-1', { ANTHROPIC_AUTH_TOKEN: 'tok' }, { 'x-api-key': 'sk-ant-1' }],
])('signs with %s', async (_name, apiKey, variables: Record<string, string>, headers) => {
  const context: AuthContext = {
    transport: () => Promise.reject(new Error('nothing is fetched')),
    nowMs: () => 0,
    env: (name) => variables[name],
  }
  const request = { method: 'POST', url: 'https://a', headers: {}, body: undefined }
  expect(await anthropic.auth.authorize(request, { apiKey, options: {} }, context)).toEqual(headers)
})
