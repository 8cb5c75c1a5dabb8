import type { Cooldown } from './cooldown.ts'
import { SharedFigures } from './shared-figures.ts'
import type { MinuteUsage, Sample } from './shared-figures.ts'

/** How a request to a deployment went, when it is complete. */
export interface Measured {
  readonly durationMs?: number | undefined
  /** Until the first token of a stream. */
  readonly firstTokenMs?: number | undefined
  readonly outputTokens?: number | undefined
  readonly totalTokens?: number | undefined
}

/** Which samples count: the last so many, unless they are too old. */
export interface SampleWindow {
  readonly count: number
  readonly ageMs: number
}

const MINUTE_MS = 60_000
/** The most samples that are kept of one deployment. */
const MAX_SAMPLES = 100
/** What a timeout counts as, per token: LiteLLM's 1000 seconds. */
const TIMEOUT_PENALTY_MS = 1_000_000

/**
 * What has become of the requests to one deployment: bounded, and kept without an allocation for each request.
 * Times are those of the engine's clock.
 */
export class DeploymentState {
  /** Under which other instances know it. */
  readonly key: string
  /** Requests under way. */
  inFlight = 0
  /** Failures since it last answered. */
  failuresInRow = 0
  cooldown: Cooldown | undefined
  /** What an active health check found wrong; `undefined` while it is well, or was not looked at. */
  unhealthy: string | undefined
  /** Left out: no other process is told of it. */
  shared: SharedFigures | undefined
  readonly #latency = new Samples()
  readonly #firstToken = new Samples()
  /** When the minute ends that is being counted. */
  #endMs = Number.NEGATIVE_INFINITY
  #requests = 0
  #tokens = 0
  #successes = 0
  #failures = 0
  #counted = 0
  #countedSinceMs = Number.NEGATIVE_INFINITY

  constructor(key: string) {
    this.key = key
  }

  /** A request is sent. */
  begin(nowMs: number): void {
    this.#turn(nowMs)
    this.inFlight++
    this.#requests++
    this.shared?.begin()
  }

  /** A request is not under way any more, whatever became of it. */
  end(): void {
    if (this.inFlight > 0) this.inFlight--
  }

  succeed(nowMs: number): void {
    this.#turn(nowMs)
    this.#successes++
    this.failuresInRow = 0
  }

  /** What a complete answer took. Latency counts per output token, where those are known. */
  measure({ durationMs, firstTokenMs, outputTokens, totalTokens }: Measured, nowMs: number): void {
    this.#turn(nowMs)
    this.#tokens += totalTokens ?? 0
    const perToken = outputTokens !== undefined && outputTokens > 0 ? outputTokens : 1
    const latencyMs = durationMs === undefined ? undefined : durationMs / perToken
    const firstMs = firstTokenMs === undefined ? undefined : firstTokenMs / perToken
    this.#keep(latencyMs, firstMs, nowMs)
    this.shared?.measure(totalTokens ?? 0, { latencyMs, firstTokenMs: firstMs })
  }

  fail(timedOut: boolean, nowMs: number): void {
    this.#turn(nowMs)
    this.#failures++
    this.failuresInRow++
    if (!timedOut) return
    this.#keep(TIMEOUT_PENALTY_MS, undefined, nowMs)
    this.shared?.measure(0, { latencyMs: TIMEOUT_PENALTY_MS })
  }

  /** What an answer to another process took. */
  hear({ latencyMs, firstTokenMs }: Sample, atMs: number): void {
    this.#keep(latencyMs, firstTokenMs, atMs)
  }

  /** Failures of a time that begins with the first of them, this one included. */
  countFailure(windowMs: number, nowMs: number): number {
    if (nowMs - this.#countedSinceMs >= windowMs) {
      this.#counted = 0
      this.#countedSinceMs = nowMs
    }
    return ++this.#counted
  }

  /** Requests that were sent in this minute, by all processes that tell each other. */
  requests(nowMs: number): number {
    return this.shared?.requestsIn(nowMs) ?? (this.#isNow(nowMs) ? this.#requests : 0)
  }

  /** Tokens that were used in this minute, by all processes that tell each other. */
  tokens(nowMs: number): number {
    return this.shared?.tokensIn(nowMs) ?? (this.#isNow(nowMs) ? this.#tokens : 0)
  }

  /** What this process has counted in this minute. */
  own(nowMs: number): MinuteUsage {
    return this.#isNow(nowMs)
      ? { requests: this.#requests, tokens: this.#tokens }
      : { requests: 0, tokens: 0 }
  }

  /** Answers in this minute. */
  successes(nowMs: number): number {
    return this.#isNow(nowMs) ? this.#successes : 0
  }

  /** Failures in this minute. */
  failures(nowMs: number): number {
    return this.#isNow(nowMs) ? this.#failures : 0
  }

  /** Milliseconds an output token took, on average; `undefined` without samples. */
  latency(nowMs: number, within: SampleWindow): number | undefined {
    return this.#latency.average(nowMs, within)
  }

  /** The same until the first token of streams. */
  firstToken(nowMs: number, within: SampleWindow): number | undefined {
    return this.#firstToken.average(nowMs, within)
  }

  #keep(latencyMs: number | undefined, firstTokenMs: number | undefined, atMs: number): void {
    if (latencyMs !== undefined) this.#latency.add(latencyMs, atMs)
    if (firstTokenMs !== undefined) this.#firstToken.add(firstTokenMs, atMs)
  }

  #isNow(nowMs: number): boolean {
    return nowMs < this.#endMs
  }

  #turn(nowMs: number): void {
    if (nowMs < this.#endMs) return
    this.#endMs = nowMs + untilNextMinute(nowMs)
    this.#requests = 0
    this.#tokens = 0
    this.#successes = 0
    this.#failures = 0
  }
}

/** How long the minute that requests and tokens are counted in goes on. */
export function untilNextMinute(nowMs: number): number {
  return (Math.floor(nowMs / MINUTE_MS) + 1) * MINUTE_MS - nowMs
}

/** The last values, in a ring; their average is kept until one is added or grows too old. */
class Samples {
  readonly #values: number[] = []
  readonly #times: number[] = []
  #next = 0
  #average: number | undefined
  #averageOf = 0
  #goodUntilMs = Number.NEGATIVE_INFINITY

  add(value: number, nowMs: number): void {
    this.#values[this.#next] = value
    this.#times[this.#next] = nowMs
    this.#next = (this.#next + 1) % MAX_SAMPLES
    this.#goodUntilMs = Number.NEGATIVE_INFINITY
  }

  average(nowMs: number, within: SampleWindow): number | undefined {
    return nowMs <= this.#goodUntilMs && within.count === this.#averageOf
      ? this.#average
      : this.#count(nowMs, within)
  }

  #count(nowMs: number, { count, ageMs }: SampleWindow): number | undefined {
    const { length } = this.#values
    if (length === 0) return undefined
    let sum = 0
    let used = 0
    this.#goodUntilMs = Number.POSITIVE_INFINITY
    for (let back = 1; back <= Math.min(count, length); back++) {
      const index = (this.#next - back + MAX_SAMPLES) % MAX_SAMPLES
      const goodUntilMs = (this.#times[index] ?? 0) + ageMs
      if (nowMs > goodUntilMs) break
      this.#goodUntilMs = goodUntilMs
      sum += this.#values[index] ?? 0
      used++
    }
    this.#averageOf = count
    this.#average = used === 0 ? undefined : sum / used
    return this.#average
  }
}

/** The states of all deployments, by key: they outlive a change of the configuration. */
export interface DeploymentStates {
  /** The state of a deployment, made when it is first asked for. */
  of: (key: string) => DeploymentState
  all: () => Iterable<DeploymentState>
  /** From now on other processes are told of each. */
  share: () => void
}

/** Deployments that are remembered; patterns lead to as many as there are names. */
const MAX_DEPLOYMENTS = 10_000

export function createDeploymentStates(): DeploymentStates {
  const states = new Map<string, DeploymentState>()
  let isShared = false
  return {
    of: (key) => {
      let state = states.get(key)
      if (state === undefined) {
        const [oldest] = states.keys()
        // Whoever still holds the oldest one goes on counting with it.
        if (states.size >= MAX_DEPLOYMENTS && oldest !== undefined) states.delete(oldest)
        states.set(key, (state = new DeploymentState(key)))
        if (isShared) state.shared = new SharedFigures()
      }
      return state
    },
    all: () => states.values(),
    share: () => {
      isShared = true
      for (const state of states.values()) state.shared ??= new SharedFigures()
    },
  }
}
