import type { Graph, GraphLibrary } from '../library.ts'

export const STEPS = 1_000

/** One node that goes back to itself until it has run a thousand times. */
export function loopGraph(
  { StateGraph, Annotation, START, END }: GraphLibrary,
  checkpointer: unknown,
): Graph {
  return new StateGraph(Annotation.Root({ count: Annotation() }))
    .addNode('step', ({ count }: { count: number }) => ({ count: count + 1 }))
    .addEdge(START, 'step')
    .addConditionalEdges('step', ({ count }: { count: number }) => (count < STEPS ? 'step' : END), [
      'step',
      END,
    ])
    .compile(checkpointer === undefined ? {} : { checkpointer })
}

export function loopConfig(thread: number): { recursionLimit: number; configurable: { thread_id: string } } {
  return { recursionLimit: STEPS + 10, configurable: { thread_id: `thread-${thread}` } }
}
