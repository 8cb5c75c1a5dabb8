import { describe, expect, test } from 'vitest'
import { checkAllowed, checkExtraHeaders } from './fields.ts'

function reasonOf(run: () => unknown): string {
  try {
    run()
    return 'fine'
  } catch (error) {
    const { status, reason, param } = error as { status?: number; reason?: string; param?: string }
    return `${status} ${reason} ${param}`
  }
}

test.each(['api_base', 'base_url', 'api_key', 'custom_llm_provider', 'aws_region_name', 'vertex_project'])(
  'a client may not set %s',
  (key) => {
    expect(reasonOf(() => checkAllowed(key))).toBe(`400 parameter_not_allowed ${key}`)
  },
)

test.each(['model', 'temperature', 'aws', 'api_bases', 'constructor'])('a client may set %s', (key) => {
  expect(reasonOf(() => checkAllowed(key))).toBe('fine')
})

describe('extra headers', () => {
  test.each([undefined, null])('%s are none', (value) => {
    expect(checkExtraHeaders(value)).toBeUndefined()
  })

  test('have names in lower case', () => {
    expect(checkExtraHeaders({ 'X-Team': 'blue', 'x-note': 'a b\tc' })).toEqual({
      'x-team': 'blue',
      'x-note': 'a b\tc',
    })
  })

  test.each([
    'Host',
    'Authorization',
    'x-api-key',
    'Cookie',
    'Content-Length',
    'content-type',
    'Content-Encoding',
    'Transfer-Encoding',
    'connection',
    'keep-alive',
    'TE',
    'trailer',
    'Upgrade',
    'expect',
    'proxy-x',
    'X-Amz-Date',
    'OpenAI-Organization',
    'openai-project',
    'x-goog-user-project',
    'ocp-apim-subscription-key',
  ])('may not be %s', (name) => {
    expect(reasonOf(() => checkExtraHeaders({ [name]: 'x' }))).toBe(
      `400 parameter_not_allowed extra_headers.${name}`,
    )
  })

  test.each<[string, string]>([
    ['x-a', 'line\r\nx-b: break'],
    ['x-a', 'nul\0'],
    ['x-a', 'Grüße'],
    ['x-a', '漢字'],
    ['x-a', '\x7f'],
    ['x a', 'space in the name'],
    ['x-ü', 'letter in the name'],
    ['', 'no name'],
  ])('must be what headers can hold: %j %j', (name, value) => {
    expect(reasonOf(() => checkExtraHeaders({ [name]: value }))).toBe(
      `400 invalid_header extra_headers.${name}`,
    )
  })

  test.each<[unknown, string]>([
    ['x-a: b', 'extra_headers'],
    [[], 'extra_headers'],
    [{ 'x-a': 1 }, 'extra_headers.x-a'],
  ])('must be texts by name: %j', (value, param) => {
    expect(reasonOf(() => checkExtraHeaders(value))).toBe(`400 invalid_type ${param}`)
  })
})
