import { NAMESPACE_SEPARATOR, TAG_HIDDEN } from '../constants.ts'
import type { Interrupt } from '../control.ts'
import { isOurs } from '../stream/message-stream.ts'
import type { TaskContext } from './context.ts'
import { taskMetadata } from './create-runtime.ts'
import { isGraphCallbackHandler } from './graph-callback-handler.ts'
import type { Handler } from './handlers.ts'
import { handlersOf, tell, within } from './handlers.ts'
import type { RunSettings } from './host.ts'
import { shown } from './trace-policy.ts'

/** Why a run paused: a node asked, or it was told to pause there. */
export type PauseStatus = 'pending' | 'interrupt_before' | 'interrupt_after'

/** A run in which something happens, as handlers know it. */
interface Chain {
  readonly runId: string
  end(output: unknown): void
  fail(error: unknown): void
}

const asRecord = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
    ? value
    : { [key]: value }

/**
 * Tells LangChain's handlers of a run and its tasks, as chains within a chain, and those made for graphs of pauses. Made
 * only where somebody listens.
 */
export class ChainReport {
  readonly #handlers: readonly Handler[]
  readonly #inherited: readonly Handler[]
  readonly #watchers: readonly Handler[]
  readonly #settings: RunSettings
  /** The task that the run is part of. */
  readonly #parent: TaskContext | undefined
  readonly #pending: Promise<void>[] = []
  readonly #runId: string

  private constructor(settings: RunSettings, handlers: readonly Handler[], parent: TaskContext | undefined) {
    this.#settings = settings
    this.#parent = parent
    this.#handlers = handlers
    this.#inherited = handlersOf(settings.callbacks, true).filter((handler) => !isOurs(handler))
    this.#watchers = handlers.filter(isGraphCallbackHandler)
    this.#runId = (parent === undefined ? settings.runId : undefined) ?? crypto.randomUUID()
  }

  /** `undefined` where nobody listens. */
  static of(settings: RunSettings, parent: TaskContext | undefined): ChainReport | undefined {
    if (settings.callbacks === undefined || settings.callbacks === null) return undefined
    const handlers = handlersOf(settings.callbacks, false).filter((handler) => !isOurs(handler))
    return handlers.length === 0 ? undefined : new ChainReport(settings, handlers, parent)
  }

  /** The run begins. */
  begin(input: unknown): Chain {
    const { tags, metadata, runName } = this.#settings
    return this.#start(this.#handlers, {
      runId: this.#runId,
      id: ['langgraph', 'pregel', 'CompiledStateGraph'],
      input,
      tags: [...(tags ?? [])],
      metadata: {
        ...(this.#parent === undefined ? { ls_integration: 'langgraph' } : taskMetadata(this.#parent)),
        ...metadata,
      },
      name: runName,
    })
  }

  /** An attempt of a task begins; `undefined` for what is part of another task. */
  beginTask(context: TaskContext): Chain | undefined {
    const { node, input, place, name } = context.task
    if (node.hidden && !node.tags?.includes(TAG_HIDDEN)) return undefined
    const runId = crypto.randomUUID()
    context.chainRunId = runId
    const { tracePolicy } = node
    const chain = this.#start(
      this.#inherited.map((handler) => within(handler, this.#runId)),
      {
        runId,
        id: ['langgraph', 'RunnableCallable'],
        input: shown(tracePolicy, 'processInputs', input),
        tags: [`graph:step:${place.step}`, ...(this.#settings.tags ?? []), ...(node.tags ?? [])],
        metadata: taskMetadata(context),
        name,
      },
    )
    if (tracePolicy?.processOutputs === undefined) return chain
    return { ...chain, end: (output) => chain.end(shown(tracePolicy, 'processOutputs', output)) }
  }

  #start(
    handlers: readonly Handler[],
    chain: {
      readonly runId: string
      readonly id: readonly string[]
      readonly input: unknown
      readonly tags: readonly string[]
      readonly metadata: Readonly<Record<string, unknown>>
      readonly name: string | undefined
    },
  ): Chain {
    const { runId, tags } = chain
    const tellAll = (method: string, args: readonly unknown[]): void => {
      for (const handler of handlers) {
        if (handler['ignoreChain'] === true) continue
        const told = tell(handler, method, args)
        if (told !== undefined) this.#pending.push(told)
      }
    }
    const serialized = { lc: 1, type: 'not_implemented', id: chain.id }
    tellAll('handleChainStart', [
      serialized,
      asRecord(chain.input, 'input'),
      runId,
      undefined,
      tags,
      chain.metadata,
      undefined,
      chain.name,
    ])
    return {
      runId,
      end: (output) =>
        tellAll('handleChainEnd', [asRecord(output, 'output'), runId, undefined, tags, undefined]),
      fail: (error) => tellAll('handleChainError', [error, runId, undefined, tags, undefined]),
    }
  }

  /** Handlers for what a task calls: within the part of it that is at work then. */
  childrenOf(context: TaskContext): readonly Handler[] {
    const runId = (): string => context.chainRunId ?? this.#runId
    return this.#inherited.map((handler) => within(handler, runId))
  }

  /** A part of a task with a chain of its own: what it calls is within it. */
  tellOfPart<Result>(context: TaskContext, input: unknown, work: () => Result): Result {
    const around = context.chainRunId ?? this.#runId
    const runId = crypto.randomUUID()
    const chain = this.#start(
      this.#inherited.map((handler) => within(handler, around)),
      {
        runId,
        id: ['langchain_core', 'runnables', 'RunnableLambda'],
        input,
        tags: [...(this.#settings.tags ?? [])],
        metadata: taskMetadata(context),
        name: 'RunnableLambda',
      },
    )
    context.chainRunId = runId
    const end = <Output>(output: Output): Output => {
      context.chainRunId = around
      chain.end(output)
      return output
    }
    const fail = (error: unknown): never => {
      context.chainRunId = around
      chain.fail(error)
      throw error
    }
    let result: Result
    try {
      result = work()
    } catch (error) {
      return fail(error)
    }
    return result instanceof Promise ? (result.then(end, fail) as Result) : end(result)
  }

  /** The run goes on from where it paused. Done when all have been told. */
  async resumed(checkpointId: string, namespace: string): Promise<void> {
    await this.#tellWatchers('handleResume', { status: 'pending', checkpointId, namespace })
  }

  /** The outermost run has paused. Done when all have been told. */
  async paused(status: PauseStatus, checkpointId: string, interrupts: readonly Interrupt[]): Promise<void> {
    await this.#tellWatchers('handleInterrupt', { status, checkpointId, namespace: '', interrupts })
  }

  async #tellWatchers(
    method: string,
    { namespace, ...event }: { readonly namespace: string } & Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const checkpointNs = namespace === '' ? [] : namespace.split(NAMESPACE_SEPARATOR)
    for (const handler of this.#watchers) {
      await tell(handler, method, [{ runId: this.#runId, checkpointNs, ...event }])
    }
  }

  /** Done when handlers that take their time are done. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending.splice(0))
  }
}
