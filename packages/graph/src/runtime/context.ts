import { TASKS } from '../constants.ts'
import type { Interrupt } from '../control.ts'
import { isSend } from '../control.ts'
import type { NodeError } from '../errors.ts'
import { GraphInterrupt, GraphValueError, InvalidResumeError, InvalidUpdateError } from '../errors.ts'
import { isStandardSchema, toJsonSchema } from '../state/standard-schema.ts'
import { langchainExtra } from './ambient.ts'
import { readWith } from './apply.ts'
import type { CallInit, RunHost } from './host.ts'
import { hash128 } from './ids.ts'
import type { WriteSink } from './program.ts'
import { createRuntime } from './create-runtime.ts'
import type { ExecutionInfo, Runtime } from '../node/runtime.ts'
import type { Task, Write } from './task.ts'

/** One attempt of a task: what it may use, and what it has written, asked and called so far. */
export class TaskContext implements WriteSink {
  readonly isTaskContext = true
  readonly host: RunHost
  readonly task: Task
  readonly nodeError: NodeError | undefined
  /** Answers to its interrupts, in the order in which it asks. */
  readonly answers: unknown[]
  /** Become the task's when the attempt succeeds; those of an attempt that was given up go nowhere. */
  readonly writes: Write[] = []
  /** How many subgraphs it has run: the second one of the same attempt gets a namespace of its own. */
  subgraphs = 0
  /** Its run as LangChain's handlers know it. */
  chainRunId: string | undefined
  /** Told of every sign of life. */
  onProgress: ((isHeartbeat: boolean) => void) | undefined
  #asked = 0
  #calls = 0
  #stepCalls: Map<string, number> | undefined
  #runtime: Runtime | undefined
  #controller: AbortController | undefined
  #abortReason: { readonly reason: unknown } | undefined

  constructor(host: RunHost, task: Task, answers: unknown[] = [], nodeError?: NodeError) {
    this.host = host
    this.task = task
    this.answers = answers
    this.nodeError = nodeError
  }

  /** Made when somebody looks: most tasks never do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason.reason)
    }
    return this.#controller.signal
  }

  get isAborted(): boolean {
    return this.#abortReason !== undefined
  }

  /** Gives the attempt up: its signal is aborted, and what it still writes is dropped. */
  abort(reason: unknown): void {
    if (this.#abortReason !== undefined) return
    this.#abortReason = { reason }
    this.#controller?.abort(reason)
  }

  push(channel: string, value: unknown): void {
    if (channel === TASKS && value != null) this.checkSend(value)
    this.writes.push([channel, value])
  }

  hasChannel(name: string): boolean {
    return this.host.program.channelIndex.has(name)
  }

  private checkSend(value: unknown): void {
    if (!isSend(value)) {
      throw new InvalidUpdateError(`Invalid packet type, expected SendProtocol, got ${JSON.stringify(value)}`)
    }
    if (!this.host.program.nodes.has(value.node)) {
      throw new InvalidUpdateError(`Invalid node name "${value.node}" in Send packet`)
    }
  }

  readFresh(select: string | readonly string[]): unknown {
    return readWith(this.host.program, this.host.cells, this.writes, select)
  }

  tellOf<Result>(input: unknown, work: () => Result): Result {
    const { chains } = this.host
    return chains === undefined ? work() : chains.tellOfPart(this, input, work)
  }

  get runtime(): Runtime {
    return (this.#runtime ??= createRuntime(this))
  }

  /** Read by LangChain, where it finds this task in the storage that both use. */
  get extra(): Record<symbol, unknown> {
    return langchainExtra(this)
  }

  get executionInfo(): ExecutionInfo {
    const { host, task } = this
    task.firstAttemptTime ??= host.now()
    return {
      checkpointId: task.place.checkpointId,
      checkpointNs: task.namespace,
      taskId: task.id,
      threadId: host.configurable['thread_id'] as string | undefined,
      runId: host.settings.runId,
      nodeAttempt: Math.max(1, task.attempt),
      nodeFirstAttemptTime: task.firstAttemptTime,
    }
  }

  /** Asks: gives the answer when there is one, pauses the run when not. */
  interrupt(value: unknown, responseSchema?: unknown): unknown {
    const { host, task } = this
    if (!host.isPersistent) {
      throw new GraphValueError(`No checkpointer set: node "${task.name}" cannot pause.`, {
        lc_error_code: 'MISSING_CHECKPOINTER',
      })
    }
    const position = this.#asked
    this.#asked += 1
    if (position < this.answers.length) return readAnswer(this.answers[position], responseSchema, task.name)
    const id = hash128(`${task.namespace} ${position}`)
    const answer = host.takeAnswer(id)
    if (answer !== undefined) {
      const read = readAnswer(answer.value, responseSchema, task.name)
      this.answers.push(answer.value)
      host.keepAnswers(task, this.answers)
      return read
    }
    const asked: Interrupt = {
      id,
      value,
      ...(responseSchema !== undefined && { response_schema: toJsonSchema(responseSchema) }),
    }
    throw new GraphInterrupt([asked])
  }

  /** Calls a function as a task of its own, whose result is kept when this task has to run again. */
  call(init: CallInit): Promise<unknown> {
    const position = this.#calls
    this.#calls += 1
    return this.host.callTask(this, init, String(position))
  }

  /** As {@link call}, told apart by name: calls of other names may come and go between two versions of the code. */
  step<Result>(name: string, work: () => Result | Promise<Result>): Promise<Awaited<Result>> {
    const counts = (this.#stepCalls ??= new Map<string, number>())
    const position = counts.get(name) ?? 0
    counts.set(name, position + 1)
    const init: CallInit = { name, input: undefined, work, silent: true }
    return this.host.callTask(this, init, `step ${position}`) as Promise<Awaited<Result>>
  }
}

function readAnswer(answer: unknown, schema: unknown, node: string): unknown {
  if (!isStandardSchema(schema)) return answer
  const result = schema['~standard'].validate(answer)
  if (result instanceof Promise) {
    throw new GraphValueError(
      `Node "${node}" asks with a schema that validates later: use one that answers at once.`,
    )
  }
  if ('value' in result) return result.value
  const issues = result.issues.map(({ message }) => message).join('; ')
  throw new InvalidResumeError(
    `The answer to node "${node}" does not fit its schema: ${issues}`,
    result.issues,
  )
}
