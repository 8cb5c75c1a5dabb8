import { expect, test } from 'vitest'
import { copyCheckpoint, emptyCheckpoint } from './langgraph-checkpoint.ts'

test('a copy is changed by itself', () => {
  const first = emptyCheckpoint()
  first.versions_seen['node'] = { a: 1 }
  const copy = copyCheckpoint(first)
  expect(copy).toEqual(first)
  copy.channel_values['a'] = 1
  Object.assign(copy.versions_seen['node'] as object, { a: 2 })
  expect(first).toMatchObject({ v: 4, channel_values: {}, versions_seen: { node: { a: 1 } } })
  expect(emptyCheckpoint().id > first.id).toBe(true)
})
