import { ERROR, ERROR_SOURCE_NODE, INTERRUPT, RESUME } from '../constants.ts'

/** LangGraph's name for what is due later. */
const SCHEDULED = '__scheduled__'

/** Channels of which a task has one write at most: a later one replaces it. */
const FIXED: ReadonlyMap<string, number> = new Map([
  [ERROR, -1],
  [SCHEDULED, -2],
  [INTERRUPT, -3],
  [RESUME, -4],
  [ERROR_SOURCE_NODE, -5],
])

/** The index under which a write is kept: its place among its task's writes, or the fixed one of its channel. */
export function writeIndex(channel: string, position: number): number {
  return FIXED.get(channel) ?? position
}
