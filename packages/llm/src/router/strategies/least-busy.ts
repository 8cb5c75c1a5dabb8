import { leastOf } from '../strategy.ts'
import type { Strategy } from '../strategy.ts'

/** The one with the fewest requests under way. */
export const leastBusy: Strategy = {
  id: 'least-busy',
  pick: (candidates, { random }) => leastOf(candidates, ({ state }) => state.inFlight, random),
}
