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
  tokenPrice?: (() => bigint | undefined) | undefined
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

/** One of those with the smallest figure, each as likely as the others. Most are not asked whether they are open. */
export function leastOf<Deployment>(
  candidates: readonly Deployment[],
  figureOf: (candidate: Deployment) => number,
  random: () => number,
  isOpen: (candidate: Deployment) => boolean = always,
): Deployment | undefined {
  let least = Number.POSITIVE_INFINITY
  let found: Deployment[] = []
  for (const candidate of candidates) {
    const figure = figureOf(candidate)
    if (figure > least || !isOpen(candidate)) continue
    if (figure < least) {
      least = figure
      found = []
    }
    found.push(candidate)
  }
  return found.length <= 1 ? found[0] : found[Math.floor(random() * found.length)]
}

function always(): boolean {
  return true
}
