import type { CheckpointMetadata } from './checkpointer.ts'

/** Whether metadata has every value of a filter. Values are compared deeply; a filter is data and is never run. */
export function matchesFilter(
  metadata: CheckpointMetadata,
  filter: Readonly<Record<string, unknown>> | undefined,
): boolean {
  if (filter === undefined) return true
  return Object.keys(filter).every(
    (key) => filter[key] === undefined || (Object.hasOwn(metadata, key) && same(metadata[key], filter[key])),
  )
}

function same(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left) !== Array.isArray(right)) return false
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length) return false
  return keys.every(
    (key) =>
      Object.hasOwn(right, key) &&
      same((left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key]),
  )
}
