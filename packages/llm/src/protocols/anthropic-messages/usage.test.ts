import { expect, test } from 'vitest'
import { parseUsage } from './usage.ts'

test.each<[object, object | undefined]>([
  [
    { input_tokens: 2, output_tokens: 1 },
    { inputTokens: 2, outputTokens: 1 },
  ],
  [{ output_tokens: 1 }, { inputTokens: 0, outputTokens: 1 }],
  [
    { input_tokens: null, output_tokens: 1 },
    { inputTokens: 0, outputTokens: 1 },
  ],
  [{ input_tokens: -2, output_tokens: 1 }, undefined],
  [{ input_tokens: 2, output_tokens: -1 }, undefined],
  [{}, undefined],
])('%j', (written, read) => {
  const usage = parseUsage({ ...written })
  if (read === undefined) expect(usage).toBeUndefined()
  else expect(usage).toMatchObject(read)
})
