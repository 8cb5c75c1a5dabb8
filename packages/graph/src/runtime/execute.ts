import { Command } from '../control.ts'
import type { TimeoutPolicy } from '../control.ts'
import { isNodeTimeoutError, isParentCommand, NodeTimeoutError, toError } from '../errors.ts'
import { runInTask } from './ambient.ts'
import type { TaskContext } from './context.ts'
import type { RetryPolicy } from './policies.ts'
import { retryDelayMs } from './policies.ts'
import type { Runnable } from './runnable.ts'
import { isRunnable } from './runnable.ts'

/** Clock, chance and waiting, passed in so that tests need none of them. */
export interface Timing {
  now(): number
  random(): number
  /** @returns what cancels the call. */
  after(delayMs: number, call: () => void): () => void
}

/** The machine's own. */
export const systemTiming: Timing = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs)
    return () => clearTimeout(timer)
  },
}

/**
 * Runs a node and its writers once. What is synchronous is done when it returns; a promise only comes back where the
 * node or one of its edges gave one.
 */
function perform(context: TaskContext, seen?: (output: unknown) => void): void | Promise<void> {
  const { task } = context
  const { node } = task
  let output: unknown
  try {
    output =
      node.run === undefined ? task.input : node.run(task.input, context.runtime as never, context as never)
  } catch (error) {
    output = arrived(error)
  }
  if (!isThenable(output)) return writeOutput(output, context, seen)
  return Promise.resolve(output).then(
    (value) => writeOutput(value, context, seen),
    (error: unknown) => node.write(arrived(error), context),
  )
}

function writeOutput(
  output: unknown,
  context: TaskContext,
  seen: ((output: unknown) => void) | undefined,
): void | Promise<void> {
  const { node } = context.task
  if (node.runsResult && isRunnable(output)) return writeLater(output, context, seen)
  seen?.(output)
  return node.write(output, context)
}

/** As {@link perform}, and handlers of LangChain are told of it. */
function performTold(context: TaskContext): void | Promise<void> {
  const chain = context.host.chains?.beginTask(context)
  if (chain === undefined) return perform(context)
  let output: unknown
  const failed = (error: unknown): never => {
    chain.fail(error)
    throw error
  }
  try {
    const done = perform(context, (value) => {
      output = value
    })
    if (done !== undefined) return done.then(() => chain.end(output), failed)
  } catch (error) {
    failed(error)
  }
  return chain.end(output)
}

/** A task's work. */
function workOf({ host }: TaskContext): (context: TaskContext) => void | Promise<void> {
  return host.chains === undefined ? perform : performTold
}

/** A node that returned what there is to do: the result of that is its output. */
async function writeLater(
  work: Runnable,
  context: TaskContext,
  seen: ((output: unknown) => void) | undefined,
): Promise<void> {
  const { task, runtime } = context
  let output: unknown
  try {
    output = await work.invoke(task.input, runtime)
  } catch (error) {
    output = arrived(error)
  }
  seen?.(output)
  return task.node.write(output, context)
}

/** A command that a subgraph sent up counts as what its node returned; everything else is thrown on. */
function arrived(error: unknown): Command {
  if (!isParentCommand(error) || !hasLeft.has(error)) throw error
  const { update, goto } = error.command
  return new Command({ update, goto })
}

/** Commands for the parent that have left the graph they were made in. */
const hasLeft: WeakSet<object> = new WeakSet()

/** Says that an error leaves its graph. */
export function markLeft(error: object): void {
  hasLeft.add(error)
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}

/** How a task is tried. */
export interface Policies {
  readonly retry: RetryPolicy | undefined
  readonly timeout: TimeoutPolicy | undefined
}

/**
 * Runs a task to its end: attempts, time limits, waiting in between.
 *
 * @param renew makes the context of the next attempt
 * @returns the context of the attempt that succeeded, or a promise of it
 * @throws what the last attempt threw, at once or by the promise
 */
export function executeTask(
  context: TaskContext,
  policies: Policies,
  timing: Timing,
  renew: (before: TaskContext) => TaskContext,
): TaskContext | Promise<TaskContext> {
  context.task.attempt += 1
  if (policies.retry !== undefined || policies.timeout !== undefined) {
    return attempts(context, policies, timing, renew)
  }
  const result = runInTask(context, workOf(context))
  return result === undefined ? context : result.then(() => context)
}

async function attempts(
  first: TaskContext,
  policies: Policies,
  timing: Timing,
  renew: (before: TaskContext) => TaskContext,
): Promise<TaskContext> {
  let context = first
  for (;;) {
    try {
      await limited(context, policies.timeout, timing)
      return context
    } catch (error) {
      const { task } = context
      const wait =
        policies.retry === undefined || (context.isAborted && !isNodeTimeoutError(error))
          ? undefined
          : retryDelayMs(policies.retry, error, task.attempt, timing.random)
      if (wait === undefined) throw error
      if (policies.retry?.logWarning) {
        console.warn(
          `Node "${task.name}" failed, attempt ${task.attempt + 1} in ${wait} ms: ${toError(error).message}`,
        )
      }
      context = renew(context)
      await pause(wait, context, timing)
      task.attempt += 1
    }
  }
}

/** Waits, but not longer than the run lasts. */
function pause(delayMs: number, context: TaskContext, timing: Timing): Promise<void> {
  const { signal } = context
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      cancel()
      reject(toError(signal.reason))
    }
    const cancel = timing.after(delayMs, () => {
      signal.removeEventListener('abort', giveUp)
      resolve()
    })
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp, { once: true })
  })
}

/** One attempt within its time. An attempt whose time is up goes on in the background, where nobody listens to it. */
function limited(context: TaskContext, timeout: TimeoutPolicy | undefined, timing: Timing): Promise<void> {
  const work = (): void | Promise<void> => runInTask(context, workOf(context))
  if (timeout === undefined) return new Promise((resolve) => resolve(work()))
  const started = timing.now()
  return new Promise((resolve, reject) => {
    let cancelIdle = (): void => undefined
    const expire = (kind: 'run' | 'idle'): void => {
      const error = new NodeTimeoutError({
        node: context.task.name,
        elapsed: timing.now() - started,
        kind,
        runTimeout: timeout.runTimeout,
        idleTimeout: timeout.idleTimeout,
      })
      stop()
      reject(error)
      context.abort(error)
    }
    const { runTimeout, idleTimeout } = timeout
    const cancelRun =
      runTimeout === undefined ? (): void => undefined : timing.after(runTimeout, () => expire('run'))
    const refresh = (isHeartbeat: boolean): void => {
      if (idleTimeout === undefined || (timeout.refreshOn === 'heartbeat' && !isHeartbeat)) return
      cancelIdle()
      cancelIdle = timing.after(idleTimeout, () => expire('idle'))
    }
    const stop = (): void => {
      cancelRun()
      cancelIdle()
      context.onProgress = undefined
    }
    refresh(true)
    context.onProgress = refresh
    void new Promise<void>((settle) => {
      settle(work())
    }).then(
      () => {
        stop()
        resolve()
      },
      (error: unknown) => {
        stop()
        reject(error instanceof Error ? error : toError(error))
      },
    )
  })
}
