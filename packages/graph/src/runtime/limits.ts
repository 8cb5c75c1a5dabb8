import { GraphRecursionError, RunBudgetError } from '../errors.ts'

/** How many supersteps are looked back at for a cycle. */
export const TRAIL_LENGTH = 24

/**
 * The end of a run that took all its steps; says whether the steps look like a cycle or like a long run.
 * @param trail names of the nodes of the last steps
 */
export function recursionError(limit: number, trail: readonly string[]): GraphRecursionError {
  const head = `Recursion limit of ${limit} reached without hitting a stop condition. You can increase the limit by setting the "recursionLimit" config key.`
  return new GraphRecursionError(`${head}\n${describeTrail(trail.slice(-TRAIL_LENGTH))}`, {
    lc_error_code: 'GRAPH_RECURSION_LIMIT',
  })
}

function describeTrail(trail: readonly string[]): string {
  for (let period = 1; period * 3 <= trail.length; period += 1) {
    if (!trail.every((name, index) => index < period || name === trail[index - period])) continue
    const cycle = trail.slice(-period)
    return `It looks stuck in a loop: ${[...cycle, cycle[0]].join(' → ')}, for at least ${Math.floor(trail.length / period)} rounds.`
  }
  return `It does not repeat itself, so it may just be long. The last steps: ${trail.slice(-8).join(' → ')}.`
}

/** A budget of the run is used up. */
export function overBudget(budget: RunBudgetError['budget'], message: string): RunBudgetError {
  return new RunBudgetError(budget, message)
}
