import type { Timing } from './execute.ts'
import { overBudget } from './limits.ts'

/** Everything that may end a run from outside. */
export interface CancelSources {
  readonly signals: readonly (AbortSignal | undefined)[]
  /** Longest time of the run. */
  readonly timeoutMs: number | undefined
  /** Milliseconds since 1970. */
  readonly deadlineMs: number | undefined
}

/** Tells `abort` when one of the sources says so. @returns what lets go of all of them. */
export function watchForCancel(
  sources: CancelSources,
  timing: Timing,
  abort: (reason: unknown) => void,
): () => void {
  const releases: (() => void)[] = []
  for (const signal of sources.signals) {
    if (signal === undefined) continue
    const onAbort = (): void => abort(signal.reason)
    if (signal.aborted) onAbort()
    else {
      signal.addEventListener('abort', onAbort, { once: true })
      releases.push(() => signal.removeEventListener('abort', onAbort))
    }
  }
  const { timeoutMs, deadlineMs } = sources
  if (timeoutMs !== undefined) {
    releases.push(timing.after(timeoutMs, () => abort(timedOut(timeoutMs))))
  }
  if (deadlineMs !== undefined) {
    const wait = Math.max(0, deadlineMs - timing.now())
    releases.push(timing.after(wait, () => abort(overBudget('deadline', 'The deadline passed.'))))
  }
  return () => {
    for (const release of releases) release()
  }
}

function timedOut(timeoutMs: number): DOMException {
  return new DOMException(
    `Abort: the run was aborted, since it took longer than ${timeoutMs} ms.`,
    'TimeoutError',
  )
}
