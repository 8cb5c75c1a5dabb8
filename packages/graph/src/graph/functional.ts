import type { BaseCache } from '../cache/cache.ts'
import type { BaseChannel } from '../channels/index.ts'
import { EphemeralValue, LastValue } from '../channels/index.ts'
import type { Checkpointer } from '../checkpoint/checkpointer.ts'
import type { ForeignSaver } from '../checkpoint/from-langgraph.ts'
import { END, PREVIOUS, START } from '../constants.ts'
import type { Command, TimeoutPolicy } from '../control.ts'
import { toTimeoutPolicy } from '../control.ts'
import { currentTask } from '../runtime/ambient.ts'
import type { CachePolicy, RetryPolicy } from '../runtime/policies.ts'
import { defineProgram } from '../runtime/program.ts'
import type { Runtime } from '../node/runtime.ts'
import type { BaseStore } from '../store/store.ts'
import { Pregel } from './pregel.ts'

/** How a task is run. */
export interface TaskOptions {
  readonly name: string
  readonly retry?: RetryPolicy | undefined
  readonly cachePolicy?: CachePolicy | undefined
  /** @deprecated `cachePolicy` is the same. */
  readonly cache?: CachePolicy | undefined
  readonly timeout?: number | TimeoutPolicy | undefined
}

/**
 * A function whose result is kept: called in an entrypoint or a node that has to run again, it is not run again. Calls
 * are told apart by their order, so the order must not depend on chance or time.
 *
 * @example
 * const fetchPage = task('fetchPage', async (url: string) => (await fetch(url)).text())
 */
export function task<Args extends unknown[], Result>(
  options: string | TaskOptions,
  work: (...args: Args) => Result,
): (...args: Args) => Promise<Awaited<Result>> {
  const { name, retry, cachePolicy, cache, timeout } =
    typeof options === 'string' ? ({ name: options } as TaskOptions) : options
  if (isGenerator(work)) {
    throw new Error('Generators are disallowed as tasks. For streaming responses, use config.write.')
  }
  const call = (...args: Args): Promise<Awaited<Result>> => {
    const caller = currentTask()
    if (caller === undefined) {
      return Promise.reject(
        new Error(
          `Task "${name}" was called outside of an entrypoint or a node: only there is its result kept.`,
        ),
      )
    }
    return caller.call({
      name,
      input: args,
      args,
      work: work as (...args: never[]) => unknown,
      retry,
      cache: cachePolicy ?? cache,
      timeout: toTimeoutPolicy(timeout),
    }) as Promise<Awaited<Result>>
  }
  return Object.defineProperty(call, 'name', { value: name })
}

/** How an entrypoint is run. */
export interface EntrypointOptions {
  readonly name: string
  readonly checkpointer?: Checkpointer | ForeignSaver | undefined
  readonly store?: BaseStore | undefined
  readonly cache?: BaseCache | undefined
  readonly retry?: RetryPolicy | undefined
  readonly timeout?: number | TimeoutPolicy | undefined
}

/** What an entrypoint returns apart from what it saves for its next call on the thread. */
export interface EntrypointFinal<Value, Save> {
  readonly value: Value
  readonly save: Save
  readonly __lg_type: '__pregel_final'
}

type Returned<Result> =
  Awaited<Result> extends EntrypointFinal<infer Value, unknown> ? Value : Awaited<Result>

/** Makes graphs of functions; see {@link entrypoint}. */
export interface EntrypointFunction {
  <Input, Result>(
    options: string | EntrypointOptions,
    work: (input: Input, runtime: Runtime) => Result,
  ): Pregel<Returned<Result>, Input | Command<unknown, unknown> | null>
  /** Returns one thing and saves another. */
  final<Value, Save>(result: { readonly value?: Value; readonly save?: Save }): EntrypointFinal<Value, Save>
}

function make<Input, Result>(
  options: string | EntrypointOptions,
  work: (input: Input, runtime: Runtime) => Result,
): Pregel<Returned<Result>, Input | Command<unknown, unknown> | null> {
  const { name, checkpointer, store, cache, retry, timeout } =
    typeof options === 'string' ? ({ name: options } as EntrypointOptions) : options
  if (isGenerator(work)) {
    throw new Error('Generators are disallowed as entrypoints. For streaming responses, use config.write.')
  }
  const program = defineProgram({
    name,
    channels: {
      [START]: new EphemeralValue() as BaseChannel,
      [END]: new LastValue() as BaseChannel,
      [PREVIOUS]: new LastValue() as BaseChannel,
    },
    nodes: [
      {
        name,
        triggers: [START],
        reads: { type: 'value', channels: [START] },
        run: (input, runtime) => work(input as Input, runtime),
        write(output, sink) {
          sink.push(END, isFinal(output) ? output.value : output)
          sink.push(PREVIOUS, isFinal(output) ? output.save : output)
        },
        retry,
        timeout: toTimeoutPolicy(timeout),
      },
    ],
    inputChannels: START,
    outputChannels: END,
    streamChannels: END,
  })
  return new Pregel({ program, checkpointer, store, cache, streamMode: 'updates', name })
}

function final<Value, Save>(result: {
  readonly value?: Value
  readonly save?: Save
}): EntrypointFinal<Value, Save> {
  return { value: result.value as Value, save: result.save as Save, __lg_type: '__pregel_final' }
}

/**
 * A function as a graph: with threads, interrupts, streams and kept results of the tasks it calls. What it returns is
 * saved, and its next call on the thread finds it with `getPreviousState`.
 *
 * @example
 * const write = entrypoint({ name: 'write', checkpointer: new MemorySaver() }, async (topic: string) => {
 *   const draft = await compose(topic)
 *   return interrupt<string, boolean>(draft) ? draft : undefined
 * })
 */
export const entrypoint: EntrypointFunction = Object.assign(make, { final })

function isFinal(value: unknown): value is EntrypointFinal<unknown, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as { __lg_type?: unknown }).__lg_type === '__pregel_final'
  )
}

function isGenerator(work: (...args: never[]) => unknown): boolean {
  const kind = Object.prototype.toString.call(work)
  return kind === '[object GeneratorFunction]' || kind === '[object AsyncGeneratorFunction]'
}
