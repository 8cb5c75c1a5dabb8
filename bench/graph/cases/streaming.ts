import { open } from '../library.ts'
import type { GraphLibrary } from '../library.ts'
import type { Case, CasePlace, Figures } from './case.ts'
import { mediansMs } from './case.ts'
import { loopConfig, loopGraph, STEPS } from './loop.ts'

/** Many: what they are to tell apart is a tenth of a few milliseconds. */
const RUNS = 200

export const streaming: readonly Case[] = [
  {
    id: 'stream-values',
    title: 'stream of values, 1,000 supersteps',
    measure: (place) => measure(place, 'values'),
  },
  {
    id: 'stream-updates',
    title: 'stream of updates, 1,000 supersteps',
    measure: (place) => measure(place, 'updates'),
  },
]

async function measure({ folder }: CasePlace, streamMode: string): Promise<Figures> {
  const library = await open<GraphLibrary>(folder, 'graph')
  const graph = loopGraph(library, undefined)
  const invoke = (index: number): Promise<unknown> => graph.invoke({ count: 0 }, loopConfig(index))
  const stream = async (index: number): Promise<void> => {
    let chunks = 0
    for await (const _ of await graph.stream({ count: 0 }, { ...loopConfig(index), streamMode })) chunks++
    if (chunks < STEPS) throw new Error(`only ${chunks} chunks`)
  }
  const [streamed = Number.NaN, invoked = Number.NaN] = await mediansMs(RUNS, [stream, invoke])
  return { ms: streamed, '% over invoke': (streamed / invoked - 1) * 100 }
}
