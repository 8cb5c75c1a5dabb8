import type { Rates } from '../types/model.ts'
import type { Remembered } from './remember.ts'
import type { DeploymentState } from './state.ts'

/** What a strategy may know of a deployment. */
export interface Candidate {
  id: string
  /** What has become of the requests to it so far. */
  readonly state: DeploymentState
  weight?: number | undefined
  /** Requests per minute it may take. */
  rpm?: number | undefined
  /** Tokens per minute it may take. */
  tpm?: number | undefined
  /** Lower ones are used first; only the lowest present are candidates at all. */
  order?: number | undefined
  /** An input token and an output token together, in pico-USD; `undefined` when no price is known. */
  tokenPrice?: Remembered<bigint | undefined> | undefined
}

/** What {@link Candidate.tokenPrice} says for a model with these prices. */
export function tokenPriceOf(rates: Rates | undefined): bigint | undefined {
  return rates === undefined ? undefined : rates.inputPicoUsd + rates.outputPicoUsd
}

/** What else a pick depends on. Everything that changes is handed in, so that a pick can be repeated. */
export interface PickContext {
  /** By a clock that never jumps. */
  readonly nowMs: number
  /** A number from 0 up to 1. */
  readonly random: () => number
  readonly stream: boolean
  /** About how long the request is; counted when it is first asked for. */
  readonly inputTokens: () => number
  readonly args: StrategyArgs
}

/** `routing_strategy_args`, under LiteLLM's names; a strategy of one's own may have others. */
export interface StrategyArgs {
  /** By how much of the lowest latency others may be slower and still be as good: 0.5 is half as slow again. */
  readonly lowest_latency_buffer?: number | undefined
  /** Seconds for which latencies count. */
  readonly ttl?: number | undefined
  readonly max_latency_list_size?: number | undefined
  readonly [name: string]: unknown
}

/** Chooses one of the candidates; `undefined` when each has reached its limit. */
export interface Strategy {
  id: string
  pick: <Deployment extends Candidate>(
    candidates: readonly Deployment[],
    context: PickContext,
  ) => Deployment | undefined
}

/** Whether a deployment's own limits have room for one more request in this minute. */
export function hasRoom({ rpm, tpm, state }: Candidate, { nowMs, inputTokens }: PickContext): boolean {
  if (rpm !== undefined && state.requests(nowMs) + 1 > rpm) return false
  return tpm === undefined || state.tokens(nowMs) + inputTokens() <= tpm
}

/**
 * One of those with the smallest figure, each as likely as the others, among those whose own limits have room. Asks
 * few of them for their limits: a group may have a thousand, and all may be alike.
 *
 * @param figures of each candidate; numbers that lie side by side are compared fastest.
 * @param good all up to this are as good as the smallest.
 */
export function leastWithRoom<Deployment extends Candidate>(
  candidates: readonly Deployment[],
  figures: Float64Array,
  context: PickContext,
  good?: number,
): Deployment | undefined {
  const likely = leastOf(candidates, figures, context, good)
  // Drawn from all, and open: as likely as every other open one.
  if (likely === undefined || hasRoom(likely, context)) return likely
  return leastOf(candidates, figures, context, good, hasRoom)
}

/** One of those with the smallest figure, whatever their limits. */
export function leastOf<Deployment extends Candidate>(
  candidates: readonly Deployment[],
  figures: Float64Array,
  context: PickContext,
  good: number = Number.NEGATIVE_INFINITY,
  isOpen?: (candidate: Candidate, context: PickContext) => boolean,
): Deployment | undefined {
  let least = Number.POSITIVE_INFINITY
  let found: number | undefined
  let ties = 0
  let next = 0
  for (let index = 0; index < candidates.length; index++) {
    const figure = Math.max(figures[index] as number, good)
    if (figure > least || (isOpen !== undefined && !isOpen(candidates[index] as Deployment, context)))
      continue
    if (figure < least) {
      least = figure
      ties = 0
      next = 1
    }
    if (++ties < next) continue
    found = index
    next = nextDrawn(ties, context.random())
  }
  return found === undefined ? undefined : candidates[found]
}

/**
 * Which of the following equals takes the place of the one that was drawn as the `ties`th: the draw is as even as one
 * for each of them, and there are a few instead of a thousand.
 */
function nextDrawn(ties: number, random: number): number {
  return Math.floor(ties / random) + 1
}
