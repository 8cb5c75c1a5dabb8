import type { Strategy } from '../strategy.ts'
import { costBased } from './cost-based.ts'
import { latencyBased } from './latency-based.ts'
import { leastBusy } from './least-busy.ts'
import { simpleShuffle } from './simple-shuffle.ts'
import { usageBased, usageBasedV2 } from './usage-based.ts'

export { simpleShuffle }

/** Every strategy by the name it has in `routing_strategy`. */
export const strategies: ReadonlyMap<string, Strategy> = new Map(
  [simpleShuffle, leastBusy, latencyBased, usageBased, usageBasedV2, costBased].map((strategy) => [
    strategy.id,
    strategy,
  ]),
)
