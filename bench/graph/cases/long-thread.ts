import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { open } from '../library.ts'
import type { Graph, GraphLibrary, SaverModule } from '../library.ts'
import type { Case, CasePlace, Figures } from './case.ts'
import { quantile } from './case.ts'

const MESSAGES = 10_000
const SUPERSTEPS = 2_000
const LOADS = 20

/** One run that makes a long thread, which is then read by savers that know nothing of it. */
export const longThread: Case = {
  id: 'long-thread',
  title: '10,000 messages in 2,000 supersteps, SQLite',
  target: { better: 'less', times: 20 },
  measure,
}

async function measure({ folder, scratch }: CasePlace): Promise<Figures> {
  const library = await open<GraphLibrary>(folder, 'graph')
  const { SqliteSaver } = await open<SaverModule>(folder, 'sqlite')
  const openGraph = (): Graph =>
    talkingGraph(library, SqliteSaver.fromConnString(join(scratch, 'long.sqlite')))
  const config = { configurable: { thread_id: 'long' }, recursionLimit: SUPERSTEPS + 10 }
  const beforeMs = performance.now()
  const { messages } = (await openGraph().invoke({}, config)) as { messages: readonly string[] }
  const totalMs = performance.now() - beforeMs
  if (messages.length !== MESSAGES) throw new Error(`ended with ${messages.length} messages`)
  const stored = readdirSync(scratch).reduce((sum, name) => sum + statSync(join(scratch, name)).size, 0)
  const loads: number[] = []
  // Time of the processor: what else the machine does is no part of it.
  const cpuLoads: number[] = []
  while (loads.length < LOADS) {
    const graph = openGraph()
    const loadMs = performance.now()
    const before = process.cpuUsage()
    const { values } = await graph.getState(config)
    const { user, system } = process.cpuUsage(before)
    loads.push(performance.now() - loadMs)
    cpuLoads.push((user + system) / 1_000)
    if ((values['messages'] as unknown[]).length !== MESSAGES) throw new Error('a message is lost')
  }
  return {
    'stored MB': stored / 1e6,
    'stored / text': stored / messages.reduce((sum, { length }) => sum + length, 0),
    'total ms': totalMs,
    'load ms p95': quantile(loads, 0.95),
    'load CPU ms p95': quantile(cpuLoads, 0.95),
  }
}

function talkingGraph({ StateGraph, Annotation, START, END }: GraphLibrary, saver: unknown): Graph {
  const messages = Annotation({
    reducer: (left: readonly string[], right: readonly string[]) => left.concat(right),
    default: () => [],
  })
  const perStep = MESSAGES / SUPERSTEPS
  return new StateGraph(Annotation.Root({ messages }))
    .addNode('talk', (state: { messages: readonly string[] }) => ({
      messages: Array.from({ length: perStep }, (_, index) => textOf(state.messages.length + index)),
    }))
    .addEdge(START, 'talk')
    .addConditionalEdges(
      'talk',
      (state: { messages: readonly string[] }) => (state.messages.length < MESSAGES ? 'talk' : END),
      ['talk', END],
    )
    .compile({ checkpointer: saver })
}

/** Not the same text twice, so that nothing is stored once for all. */
const textOf = (seed: number): string => `${seed} `.padEnd(100, String(((seed + 1) * 7_919) % 99_991))
