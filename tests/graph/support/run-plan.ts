import type { Durability, RunOptions, StateSnapshot } from '@switchyard/graph'
import { BaseLangGraphError, Command, GraphRecursionError, isInterrupted } from '@switchyard/graph'
import type { BuiltGraph, Disturbance } from './build-plan.ts'
import type { Story } from './interpreter.ts'
import { answerTo } from './plan.ts'

export const INPUT: { log: string[]; total: number } = { log: ['in'], total: 1 }
export const LIMIT = 15

export const disturbance = (fails: boolean): Disturbance => ({ fails, calls: new Map(), ran: [] })

export function endOf(error: unknown): Story['end'] | 'failed' {
  if (error instanceof GraphRecursionError) return 'limit'
  if (error instanceof BaseLangGraphError && error.lc_error_code === 'INVALID_CONCURRENT_GRAPH_UPDATE')
    return 'conflict'
  return 'failed'
}

/** What a run is begun with. */
export interface Start {
  readonly input: unknown
  readonly config: RunOptions
  readonly durability?: Durability
  /** Whether questions are answered; else it ends with the first. */
  readonly answers?: boolean
}

/** Goes on, answering what is asked and beginning again where a failure left off, until the graph has ended. */
export async function runToEnd(
  open: (attempt: number) => BuiltGraph,
  thread: RunOptions,
  { input: first, config: from, durability = 'sync', answers: doesAnswer = true }: Start,
): Promise<Story['end']> {
  let input = first
  let config = from
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const graph = open(attempt)
    try {
      const result: unknown = await graph.invoke(input, { ...config, recursionLimit: LIMIT, durability })
      if (!isInterrupted<string>(result)) return 'done'
      if (!doesAnswer) return 'paused'
      const answers = result.__interrupt__.map(({ id, value }) => [id, answerTo(value as string)])
      input = new Command({ resume: Object.fromEntries(answers) as Record<string, unknown> })
    } catch (error) {
      const end = endOf(error)
      if (end !== 'failed') return end
      if (!/no luck|killed/.test(String(error))) throw error
      const { createdAt } = await open(-1).getState(thread)
      input = createdAt === undefined ? first : null
    }
    config = thread
  }
  throw new Error('The graph did not end.')
}

/** The checkpoints of a thread, oldest first. */
export async function historyOf(graph: BuiltGraph, thread: RunOptions): Promise<StateSnapshot[]> {
  const snapshots: StateSnapshot[] = []
  for await (const snapshot of graph.getStateHistory(thread)) snapshots.unshift(snapshot)
  return snapshots
}
