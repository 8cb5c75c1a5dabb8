import { open } from '../library.ts'
import type { GraphLibrary } from '../library.ts'
import type { Case, CasePlace, Figures } from './case.ts'
import { medianMs } from './case.ts'
import { loopConfig, loopGraph, STEPS } from './loop.ts'

export const steps: readonly Case[] = [
  {
    id: 'loop',
    title: '1,000 supersteps of one node, no saver',
    target: { better: 'more', times: 50 },
    measure: (place) => measure(place, () => undefined),
  },
  {
    id: 'loop-memory',
    title: '1,000 supersteps of one node, MemorySaver',
    target: { better: 'more', times: 30 },
    measure: (place) => measure(place, ({ MemorySaver }) => new MemorySaver()),
  },
]

async function measure({ folder }: CasePlace, saverOf: (library: GraphLibrary) => unknown): Promise<Figures> {
  const library = await open<GraphLibrary>(folder, 'graph')
  const ms = await medianMs(15, async (index) => {
    const result = await loopGraph(library, saverOf(library)).invoke({ count: 0 }, loopConfig(index))
    if (result['count'] !== STEPS) throw new Error(`ended at ${String(result['count'])}`)
  })
  return { 'supersteps/s': (STEPS / ms) * 1_000 }
}
