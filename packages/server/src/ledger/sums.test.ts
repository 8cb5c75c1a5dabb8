import { expect, test } from 'vitest'
import { UNKNOWN_MODEL } from './entry.ts'
import { createSumming } from './sums.ts'
import { NOON_MS, pair } from './testing/records.ts'

test('names that nobody serves count as one, whatever they were', () => {
  const summing = createSumming(NOON_MS)
  for (const modelGroup of ['no-such-model', 'nor-this-one'])
    summing.add(pair(modelGroup, { opening: { modelGroup }, closing: { log: { model: UNKNOWN_MODEL } } }))
  summing.add(pair('served', { opening: { modelGroup: 'smart' }, closing: { log: { model: 'gpt' } } }))
  const groups = new Map<string, number>()
  for (const { scope_kind, model_group, requests } of summing.sums().daily)
    if (scope_kind === 'key') groups.set(model_group, requests)
  expect(groups).toEqual(
    new Map([
      [UNKNOWN_MODEL, 2],
      ['smart', 1],
    ]),
  )
})
