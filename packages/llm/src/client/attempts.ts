import type { ClientCore } from './core.ts'
import { mockedPlace, retriesOf } from './core.ts'
import type { CallOptions } from './options.ts'
import { withRetries } from './retry.ts'
import type { CallWatch, WatchedPlace } from './watch.ts'
import { watchAttempt } from './watch.ts'

/** What all attempts of one call are made with. */
export interface Attempting {
  core: ClientCore
  call: CallOptions
  watch: CallWatch
}

/** Sends until it is answered, as often as the call's retries allow; each attempt stands in the call's record. */
export function untilAnswered<Result>(
  { core, call, watch }: Attempting,
  place: WatchedPlace,
  send: () => Promise<Result>,
): Promise<Result> {
  const attempt = (): Promise<Result> => watchAttempt(watch, place, core.world.nowMs, send)
  return withRetries(attempt, retriesOf(call), core.world, call.signal)
}

/** An answer that nobody is asked for counts as one attempt all the same. */
export function answeredByMock<Result>(
  { core, call, watch }: Attempting,
  model: string,
  answer: () => Result,
): Promise<Result> {
  return watchAttempt(watch, mockedPlace(core, model, call), core.world.nowMs, async () => answer())
}
