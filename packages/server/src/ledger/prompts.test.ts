import { describe, expect, it } from 'vitest'
import { promptForLog } from './prompts.ts'

describe('what a log keeps of a prompt', () => {
  it.each<[string, unknown, unknown]>([
    ['texts', [{ role: 'user', content: 'Hello' }], [{ role: 'user', content: 'Hello' }]],
    ['numbers and nothing', { n: 1, stop: null, stream: false }, { n: 1, stop: null, stream: false }],
    ['no secret by its form', ['use sk-abcdef1234567890'], ['use sk-[redacted]']],
    [
      'no secret by its name',
      { api_key: 'x', headers: { Authorization: 'y', 'x-api-key': 'z' }, max_tokens: 5 },
      {
        api_key: '[redacted]',
        headers: { Authorization: '[redacted]', 'x-api-key': '[redacted]' },
        max_tokens: 5,
      },
    ],
  ])('%s', (_, value, expected) => {
    expect(JSON.parse(promptForLog(value))).toEqual(expected)
  })

  it('long texts without their middle', () => {
    const [text] = JSON.parse(promptForLog([`${'a'.repeat(3_000)}z`])) as [string]
    expect(text).toMatch(/^a{716}\.\.\. \(litellm_truncated skipped 953 chars\) \.\.\.a+z$/)
  })

  it('not more than a log should hold', () => {
    const long = Array.from({ length: 1_000 }, () => 'x'.repeat(2_000))
    expect(promptForLog(long).length).toBeLessThan(263_000)
  })
})
