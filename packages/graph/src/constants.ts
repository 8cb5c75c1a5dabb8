/** Where a graph begins: the source of its first edge. */
export const START = '__start__'
/** Where a graph ends: an edge to it leads nowhere else. */
export const END = '__end__'
/** The key under which the result of a paused run lists its interrupts. */
export const INTERRUPT = '__interrupt__'
