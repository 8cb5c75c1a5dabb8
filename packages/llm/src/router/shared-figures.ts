/** What an answer took, per output token where those are known; left out: it was not looked at. */
export interface Sample {
  readonly latencyMs?: number | undefined
  readonly firstTokenMs?: number | undefined
}

/** Requests and tokens of one minute. */
export interface MinuteUsage {
  readonly requests: number
  readonly tokens: number
}

/** What others have told counts for so long; without news, each process goes by what it has seen itself. */
const FRESH_MS = 5_000
/** More than strategies look at is not told. */
const MAX_UNTOLD = 10

/** What processes tell each other of one deployment. Times are those of the engine's clock. */
export class SharedFigures {
  #requests = 0
  #tokens = 0
  #samples: Sample[] = []
  /** What all have counted in their minute. */
  #sum: MinuteUsage = NOTHING
  #untilMs = Number.NEGATIVE_INFINITY
  #freshUntilMs = Number.NEGATIVE_INFINITY

  begin(): void {
    this.#requests++
  }

  measure(tokens: number, sample: Sample): void {
    this.#tokens += tokens
    if (this.#samples.push(sample) > MAX_UNTOLD) this.#samples.shift()
  }

  /**
   * What has not been told yet. Of a time without news no more than this minute's: what is told late counts for the
   * minute in which it is told.
   */
  untold(own: MinuteUsage, nowMs: number): MinuteUsage {
    if (nowMs >= this.#freshUntilMs) {
      this.#requests = Math.min(this.#requests, own.requests)
      this.#tokens = Math.min(this.#tokens, own.tokens)
    }
    return { requests: this.#requests, tokens: this.#tokens }
  }

  /** Takes the samples that have not been told yet. */
  takeSamples(): readonly Sample[] {
    const samples = this.#samples
    if (samples.length > 0) this.#samples = []
    return samples
  }

  /** What all have counted, with what was `told`, in a minute that goes on until then. */
  hear(sum: MinuteUsage, told: MinuteUsage, untilMs: number, nowMs: number): void {
    this.#requests -= told.requests
    this.#tokens -= told.tokens
    this.#sum = sum
    this.#untilMs = untilMs
    this.#freshUntilMs = nowMs + FRESH_MS
  }

  /** `undefined` without news. */
  requestsIn(nowMs: number): number | undefined {
    if (nowMs >= this.#freshUntilMs) return undefined
    return (nowMs < this.#untilMs ? this.#sum.requests : 0) + this.#requests
  }

  /** `undefined` without news. */
  tokensIn(nowMs: number): number | undefined {
    if (nowMs >= this.#freshUntilMs) return undefined
    return (nowMs < this.#untilMs ? this.#sum.tokens : 0) + this.#tokens
  }
}

const NOTHING: MinuteUsage = { requests: 0, tokens: 0 }
