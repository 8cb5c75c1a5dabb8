import { roomForFigures } from '../figures.ts'
import { leastOf } from '../strategy.ts'
import type { Candidate, Strategy } from '../strategy.ts'

/** The one with the fewest requests under way. */
export const leastBusy: Strategy = {
  id: 'least-busy',
  pick: (candidates, context) => {
    const inFlight = roomForFigures(candidates.length)
    for (let index = 0; index < candidates.length; index++)
      inFlight[index] = (candidates[index] as Candidate).state.inFlight
    return leastOf(candidates, inFlight, context)
  },
}
