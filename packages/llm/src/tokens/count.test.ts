import { describe, expect, it } from 'vitest'
import { countTokens, type CountInput, countTokensSync } from './count.ts'
import { estimateTokens, boundTokens } from './bound.ts'

describe('countTokens', () => {
  it.each<[string, CountInput, number, string]>([
    ['text on o200k', { model: 'gpt-4o', text: 'hello world' }, 2, 'o200k_base'],
    ['text on cl100k', { model: 'openai/gpt-4-0613', text: 'tiktoken is great!' }, 6, 'cl100k_base'],
    ['several texts', { model: 'text-embedding-3-small', text: ['hello', 'world'] }, 2, 'cl100k_base'],
    ['nothing', { model: 'gpt-4o' }, 0, 'o200k_base'],
    ['text that looks like a special token', { model: 'gpt-4o', text: '<|endoftext|>' }, 7, 'o200k_base'],
    [
      'one message: 3 + role + content + 3',
      { model: 'gpt-4o', messages: [{ role: 'user', content: 'hello world' }] },
      9,
      'o200k_base',
    ],
    [
      'a name takes one more',
      { model: 'azure/gpt-4o', messages: [{ role: 'user', name: 'bob', content: 'hello world' }] },
      11,
      'o200k_base',
    ],
    [
      'content in parts',
      {
        model: 'gpt-4o',
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'hello' },
              { type: 'text', text: ' world' },
            ],
          },
        ],
      },
      9,
      'o200k_base',
    ],
  ])('is exact for %s', async (_name, input, tokens, tokenizer) => {
    expect(await countTokens(input)).toEqual({ tokens, tokenizer, exact: true })
  })

  it("agrees with OpenAI's cookbook on its example conversation", () => {
    const messages = [
      {
        role: 'system',
        content:
          'You are a helpful, pattern-following assistant that translates corporate jargon into plain English.',
      },
      { role: 'system', name: 'example_user', content: 'New synergies will help drive top-line growth.' },
      {
        role: 'system',
        name: 'example_assistant',
        content: 'Things working well together will increase revenue.',
      },
      {
        role: 'system',
        name: 'example_user',
        content:
          "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
      },
      {
        role: 'system',
        name: 'example_assistant',
        content: "Let's talk later when we're less busy about how to do better.",
      },
      {
        role: 'user',
        content: "This late pivot means we don't have time to boil the ocean for the client deliverable.",
      },
    ]
    expect(countTokensSync({ model: 'gpt-4-0613', messages }).tokens).toBe(129)
    expect(countTokensSync({ model: 'gpt-4o', messages }).tokens).toBe(124)
  })

  it.each<[string, CountInput]>([
    ['another family', { model: 'anthropic/claude-sonnet-4-5', text: 'hello world' }],
    ['an unknown model', { model: 'my-model', text: 'hello world' }],
    ['chat of a reasoning model', { model: 'gpt-5', messages: [{ role: 'user', content: 'hello' }] }],
    ['tools', { model: 'gpt-4o', messages: [], tools: [{ type: 'function', function: { name: 'now' } }] }],
    [
      'an image',
      {
        model: 'gpt-4o',
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] },
        ],
      },
    ],
  ])('says that it estimates for %s', async (_name, input) => {
    const { tokens, exact } = await countTokens(input)
    expect(tokens).toBeGreaterThan(0)
    expect(exact).toBe(false)
  })

  it('counts what a tool schema says, nested parts too', () => {
    const tool = (parameters: unknown): CountInput => ({
      model: 'gpt-4o',
      tools: [{ type: 'function', function: { name: 'find', description: 'Finds.', parameters } }],
    })
    const flat = countTokensSync(tool({ type: 'object', properties: { query: { type: 'string' } } })).tokens
    const nested = countTokensSync(
      tool({
        type: 'object',
        properties: {
          query: { type: 'string' },
          filters: { type: 'array', items: { type: 'object', properties: { field: { type: 'string' } } } },
        },
      }),
    ).tokens
    expect(flat).toBeGreaterThan(20)
    expect(nested).toBeGreaterThan(flat + 10)
  })

  it('counts more for a Claude model than for the encoding it is measured in', () => {
    const text = 'The quick brown fox jumps over the lazy dog. '.repeat(20)
    const openai = countTokensSync({ model: 'gpt-4o', text }).tokens
    expect(countTokensSync({ model: 'claude-sonnet-4-5', text }).tokens).toBe(Math.ceil(openai * 1.18))
  })
})

describe('estimateTokens', () => {
  it.each<[string, string]>([
    [
      'English',
      'She sells sea shells by the sea shore, and nobody knows why it matters so much. '.repeat(10),
    ],
    [
      'code',
      'export function add(left: number, right: number): number {\n  return left + right\n}\n'.repeat(10),
    ],
    ['JSON', '{"id":1,"name":"Alice","tags":["a","b"],"score":12.5}'.repeat(10)],
    ['Chinese', '人工智能正在改变世界，我们需要更好的工具来管理它。'.repeat(10)],
    ['Japanese', '東京は日本の首都であり、世界最大の都市圏の一つです。'.repeat(10)],
    ['Russian', 'Съешь же ещё этих мягких французских булок, да выпей чаю. '.repeat(10)],
  ])('is within a third of the tokenizer on %s', (_name, text) => {
    const exact = countTokensSync({ model: 'gpt-4o', text }).tokens
    const ratio = estimateTokens(text) / exact
    expect(ratio).toBeGreaterThan(0.75)
    expect(ratio).toBeLessThan(1.34)
  })

  it('is nothing for nothing', () => {
    expect(estimateTokens('')).toBe(0)
  })
})

it.each(['hello world', '1234567890', '\u0000\u0001\u0002', '🏳️‍🌈🏳️‍🌈', 'ﷺﷺﷺ', 'zqxj vwkz qqqq'])(
  'boundTokens is never below the tokens of %j',
  (text) => {
    const bound = boundTokens(new TextEncoder().encode(text).length)
    for (const model of ['gpt-4o', 'gpt-4']) {
      expect(countTokensSync({ model, text }).tokens).toBeLessThanOrEqual(bound)
    }
  },
)
