import { sameData } from '../same-data.ts'
import type { CheckpointMetadata } from './checkpointer.ts'

/** Whether metadata has every value of a filter. Values are compared deeply; a filter is data and is never run. */
export function matchesFilter(
  metadata: CheckpointMetadata,
  filter: Readonly<Record<string, unknown>> | undefined,
): boolean {
  if (filter === undefined) return true
  return Object.keys(filter).every(
    (key) =>
      filter[key] === undefined || (Object.hasOwn(metadata, key) && sameData(metadata[key], filter[key])),
  )
}
