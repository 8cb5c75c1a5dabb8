import type { BaseCache } from '../cache/cache.ts'
import type { Timing } from '../runtime/execute.ts'
import type { RetryPolicy } from '../runtime/policies.ts'
import type { Program, Selection } from '../runtime/program.ts'
import type { BaseStore } from '../store/store.ts'
import type { RunOptions } from './run-options.ts'
import type { SaverOption } from './saver.ts'

/** What a graph that can be run is made of, whatever its input and output are. */
export interface GraphParts {
  readonly program: Program
  readonly name: string
  readonly checkpointer: SaverOption
  readonly store: BaseStore | undefined
  readonly cache: BaseCache | undefined
  /** Settings for every run; those of a run count more. */
  readonly config: RunOptions
  readonly interruptBefore: Selection
  readonly interruptAfter: Selection
  /** Longest time of one superstep, in milliseconds. */
  readonly stepTimeout: number | undefined
  /** For nodes without a policy of their own. */
  readonly retryPolicy: RetryPolicy | undefined
  /** Clock, chance and waiting; replaced in tests. */
  readonly timing: Timing
}
