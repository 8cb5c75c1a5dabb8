import { GraphDrained, GraphRecursionError, RunBudgetError } from '../errors.ts'
import type { RunSettings } from './host.ts'
import type { Task } from './task.ts'

/** How many supersteps are looked back at for a cycle. */
const TRAIL_LENGTH = 24

/** Counts the supersteps of a run, and ends it where it may take no further one. */
export class StepCount {
  readonly #settings: RunSettings
  readonly #trail: string[] = []
  #taken = 0

  constructor(settings: RunSettings) {
    this.#settings = settings
  }

  get taken(): number {
    return this.#taken
  }

  /**
   * Counts a superstep of these tasks.
   * @throws {GraphDrained} when the run was asked to stop
   * @throws {GraphRecursionError} when it has taken all its supersteps
   * @throws {RunBudgetError} when a budget is used up
   */
  add(tasks: readonly Task[]): void {
    const { control, budgets } = this.#settings
    if (control.drainRequested) throw new GraphDrained(control.drainReason)
    if (tasks.every(({ node }) => node.hidden)) return
    this.checkRecursion()
    if (budgets?.maxSteps !== undefined && this.#taken >= budgets.maxSteps) {
      throw overBudget('maxSteps', `The run took the ${budgets.maxSteps} steps that it may.`)
    }
    const spent = control.overspent(budgets)
    if (spent !== undefined) throw spent
    this.#taken += 1
    this.#trail.push(tasks.length === 1 ? (tasks[0] as Task).name : tasks.map(({ name }) => name).join('+'))
    if (this.#trail.length > 2 * TRAIL_LENGTH) this.#trail.splice(0, TRAIL_LENGTH)
  }

  /** @throws {GraphRecursionError} when the run has taken all its supersteps */
  checkRecursion(): void {
    const { recursionLimit } = this.#settings
    if (this.#taken >= recursionLimit) throw recursionError(recursionLimit, this.#trail)
  }
}

/**
 * The end of a run that took all its steps; says whether the steps look like a cycle or like a long run.
 * @param trail names of the nodes of the last steps
 */
function recursionError(limit: number, trail: readonly string[]): GraphRecursionError {
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
