import { RunBudgetError } from '../errors.ts'

/** What model calls of a run used up. */
export interface RunUsage {
  readonly tokens?: number | undefined
  readonly costPicoUsd?: bigint | undefined
}

/** That a run waits for its storage. */
export interface StorageWait {
  /** Milliseconds since 1970 of the first failure. */
  readonly sinceMs: number
  /** Attempts that have failed since. */
  readonly attempts: number
  /** What the last one failed with. */
  readonly error: unknown
}

/**
 * Asks a run to stop between two supersteps: the checkpoint is stored, `GraphDrained` is thrown, and `invoke(null)`
 * continues later. For workers that are shut down. It also keeps count of what the run's model calls used up.
 */
export class RunControl {
  #reason: string | undefined
  #tokens = 0
  #costPicoUsd = 0n

  /** Set while the run waits for storage that fails: see the option `storagePatience`. */
  storageWait: StorageWait | undefined

  requestDrain(reason = 'shutdown'): void {
    this.#reason ??= reason
  }

  get drainRequested(): boolean {
    return this.#reason !== undefined
  }

  get drainReason(): string | undefined {
    return this.#reason
  }

  /** Counts what a call used up against the run's budgets. */
  addUsage(usage: RunUsage): void {
    this.#tokens += usage.tokens ?? 0
    this.#costPicoUsd += usage.costPicoUsd ?? 0n
  }

  get usage(): { readonly tokens: number; readonly costPicoUsd: bigint } {
    return { tokens: this.#tokens, costPicoUsd: this.#costPicoUsd }
  }

  /** The budget that is used up, if one is. */
  overspent(
    budgets:
      | { readonly maxTokens?: number | undefined; readonly maxCostPicoUsd?: bigint | undefined }
      | undefined,
  ): RunBudgetError | undefined {
    if (budgets?.maxTokens !== undefined && this.#tokens >= budgets.maxTokens) {
      return new RunBudgetError('maxTokens', `The run used ${this.#tokens} of ${budgets.maxTokens} tokens.`)
    }
    if (budgets?.maxCostPicoUsd !== undefined && this.#costPicoUsd >= budgets.maxCostPicoUsd) {
      return new RunBudgetError(
        'maxCostPicoUsd',
        `The run cost ${this.#costPicoUsd} of ${budgets.maxCostPicoUsd} pico-USD.`,
      )
    }
    return undefined
  }
}
