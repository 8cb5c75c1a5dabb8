import { expect, it } from 'vitest'
import { familyOf } from './family.ts'
import { boundImageTokens, imageTokens, type ImageSize, mediaTokens } from './media.ts'

it.each<[string, string | undefined, ImageSize | undefined, number]>([
  ['gpt-4o', 'high', { width: 1024, height: 1024 }, 765],
  ['gpt-4o', 'high', { width: 2048, height: 4096 }, 1105],
  ['gpt-4o', 'low', { width: 4096, height: 8192 }, 85],
  ['gpt-4o', undefined, undefined, 765],
  ['gpt-4o', 'high', { width: 100, height: 100 }, 255],
  ['gpt-4o-mini', 'high', { width: 1024, height: 1024 }, 25_501],
  ['o3', undefined, undefined, 675],
  ['claude-sonnet-4-5', undefined, undefined, 1400],
  ['gemini-2.5-flash', undefined, undefined, 1032],
  ['gemini-2.5-flash', 'low', undefined, 258],
])('an image for %s, detail %s, of %o', (model, detail, size, tokens) => {
  expect(imageTokens(familyOf(model), detail, size)).toBe(tokens)
})

it('bounds what any image can cost', () => {
  const family = familyOf('gpt-4o')
  const sizes = [256, 512, 768, 1024, 2048, 5000].flatMap((width) =>
    [256, 768, 2048, 9000].map((height) => ({ width, height })),
  )
  const highest = Math.max(...sizes.map((size) => imageTokens(family, 'high', size)))
  expect(highest).toBeLessThanOrEqual(boundImageTokens(family))
})

it('estimates audio and files by their size', () => {
  const family = familyOf('gpt-4o')
  const data = 'A'.repeat(64_000)
  expect(mediaTokens({ type: 'input_audio', input_audio: { data } }, family)).toBe(30)
  expect(mediaTokens({ type: 'file', file: { file_data: data } }, family)).toBe(1455)
  expect(mediaTokens({ type: 'refusal' }, family)).toBeUndefined()
})
