import { ERROR, ERROR_SOURCE_NODE, INTERRUPT, NO_WRITES, PUSH, RESUME, RETURN } from '../constants.ts'
import type { Interrupt } from '../control.ts'
import {
  GraphInterrupt,
  isGraphBubbleUp,
  isGraphInterrupt,
  isInvalidResume,
  NodeError,
  toError,
} from '../errors.ts'
import type { GraphBubbleUp } from '../errors.ts'
import { TaskContext } from './context.ts'
import type { Policies, Timing } from './execute.ts'
import { executeTask } from './execute.ts'
import type { CallInit, RunHost } from './host.ts'
import { keepInCache, recallFromCache } from './node-cache.ts'
import type { NodeSpec } from './program.ts'
import { handlingTask, inWriteOrder, Task } from './task.ts'

/** What a step tells the run that it belongs to. */
export interface StepListener {
  /** A task begins. */
  started(task: Task): void
  /** A task has its result: its own, a kept one, or an interrupt or error in its writes. */
  ended(task: Task): void
  /** Writes to keep although the superstep is not over. */
  keep(tasks: readonly Task[]): void
  /** A result is on its way into the cache: the run is over when it is there. */
  caching(done: Promise<void>): void
  /** Answers of earlier runs. */
  answersOf(task: Task): unknown[]
  /** Results of an earlier run, when it finished the task; they are put into the task. */
  recall(task: Task): boolean
}

/** The tasks of one superstep at work. */
export class Step {
  readonly host: RunHost
  /** In the order of their start; those that others called or that handle errors come behind. */
  readonly tasks: Task[]
  /** Finished tasks whose writes nobody has stored yet. */
  unsaved: Task[] = []
  readonly #listener: StepListener
  readonly #timing: Timing
  readonly #errors: unknown[] = []
  /** The current attempt of each task at work. */
  readonly #active: Map<Task, TaskContext> = new Map()
  #queue: Task[] = []
  readonly #calls: Map<string, Promise<unknown>> = new Map()
  /** What leaves the graph, by the task that it comes from. */
  readonly #bubbles: Map<Task, GraphBubbleUp> = new Map()
  #position = 0
  #abort: { readonly reason: unknown } | undefined
  #done: (() => void) | undefined
  #fail: ((error: unknown) => void) | undefined
  #flushScheduled = false
  #stopped = false
  #cancelTimeout: (() => void) | undefined

  constructor(host: RunHost, tasks: Task[], listener: StepListener, timing: Timing) {
    this.host = host
    this.tasks = tasks
    this.#listener = listener
    this.#timing = timing
  }

  /** Whether anything is to be run: everything may have its result from an earlier run. */
  get hasWork(): boolean {
    return this.tasks.some((task) => task.status !== 'done')
  }

  /** Runs what waits. A promise comes back only when something takes time. */
  run(): Promise<void> | undefined {
    const known = this.tasks.slice()
    for (const task of known) {
      const handler = task.status === 'failed' ? this.#handlerOf(task) : undefined
      if (handler !== undefined) this.handleError(task, handler, toError(task.error))
    }
    this.#queue = this.tasks.filter((task) => task.status === 'waiting')
    this.#startMore()
    if (this.#active.size === 0) return undefined
    const { stepTimeout } = this.host.settings
    if (stepTimeout !== undefined) {
      this.#cancelTimeout = this.#timing.after(stepTimeout, () =>
        this.abort(
          new DOMException(`The step was aborted: it took longer than ${stepTimeout} ms.`, 'TimeoutError'),
        ),
      )
    }
    if (this.unsaved.length > 0) this.#scheduleFlush()
    return new Promise((resolve, reject) => {
      this.#done = resolve
      this.#fail = reject
    })
  }

  /** @throws what the superstep ends with, when it does not end well. */
  check(): void {
    if (this.#errors.length === 1) throw this.#errors[0]
    if (this.#errors.length > 1) {
      throw new AggregateError(
        this.#errors,
        `Multiple errors occurred during superstep ${this.tasks[0]?.place.step}. See the "errors" field of this exception for more details.`,
      )
    }
    const interrupted = this.tasks.filter((task) => task.status === 'interrupted' && !task.isCalled)
    if (interrupted.length > 0) throw new GraphInterrupt(interrupted.flatMap(interruptsOf))
    // Of several the first in the order of tasks, whichever of them was the first to end.
    const [first] = inWriteOrder([...this.#bubbles.keys()])
    if (first !== undefined) throw this.#bubbles.get(first)
  }

  /** Ends the step at once: signals are aborted, late results are dropped. */
  abort(reason: unknown): void {
    if (this.#abort !== undefined) return
    this.#abort = { reason }
    for (const context of this.#active.values()) context.abort(reason)
    this.#end(() => this.#fail?.(reason))
  }

  /** Tasks that had begun and have no result. */
  get unfinished(): Task[] {
    return this.tasks.filter((task) => task.status === 'running' || task.status === 'waiting')
  }

  #startMore(): void {
    const limit = this.host.settings.maxConcurrency ?? Infinity
    while (
      this.#position < this.#queue.length &&
      this.#active.size < limit &&
      !this.#stopped &&
      this.#abort === undefined
    ) {
      const task = this.#queue[this.#position] as Task
      this.#position += 1
      this.#start(new TaskContext(this.host, task, this.#listener.answersOf(task)))
    }
    // An answer that does not fit is no reason to cut off tasks whose answers do.
    if (this.#errors.some((error) => !isInvalidResume(error))) this.#stop()
  }

  /** After a failure: nothing new begins, and what runs is told. */
  #stop(): void {
    this.#stopped = true
    for (const context of this.#active.values()) {
      context.abort(new DOMException('Another task of the step failed.', 'AbortError'))
    }
  }

  #start(context: TaskContext): void {
    const { task } = context
    task.status = 'running'
    let result: TaskContext | Promise<TaskContext>
    try {
      result = executeTask(context, this.#policiesOf(task), this.#timing, (before) => this.#renew(before))
    } catch (error) {
      this.#settle(context, undefined, { error })
      return
    }
    if (!(result instanceof Promise)) {
      this.#settle(context, result, undefined)
      return
    }
    this.#active.set(task, context)
    void result.then(
      (last) => this.#settleLater(context, last, undefined),
      (error: unknown) => this.#settleLater(context, undefined, { error }),
    )
  }

  #policiesOf(task: Task): Policies {
    return { retry: task.node.retry ?? this.host.settings.retry, timeout: task.timeout }
  }

  /** The context of the next attempt takes the place of the one before. */
  #renew(before: TaskContext): TaskContext {
    const next = new TaskContext(this.host, before.task, before.answers, before.nodeError)
    this.#active.set(next.task, next)
    before.abort(new Error('The attempt was given up.'))
    return next
  }

  #settleLater(
    first: TaskContext,
    last: TaskContext | undefined,
    failure: { readonly error: unknown } | undefined,
  ): void {
    this.#active.delete(first.task)
    if (this.#abort !== undefined) return
    try {
      this.#settle(last ?? first, last, failure)
      this.#startMore()
    } catch (error) {
      // What listens has failed, not the task: the run must not wait for ever.
      this.abort(error)
      return
    }
    if (this.#active.size === 0) this.#end(() => this.#done?.())
    else if (this.unsaved.length > 0) this.#scheduleFlush()
  }

  #settle(
    context: TaskContext,
    last: TaskContext | undefined,
    failure: { readonly error: unknown } | undefined,
  ): void {
    if (last === undefined) this.#failed(context, failure?.error)
    else this.#finished(last)
  }

  #finished(context: TaskContext): void {
    const { task } = context
    task.writes = context.writes.length > 0 ? context.writes : [[NO_WRITES, null]]
    task.status = 'done'
    this.unsaved.push(task)
    const { cache } = this.host.settings
    if (cache !== undefined && task.node.cache !== undefined)
      this.#listener.caching(keepInCache(cache, this.host.program.name, task))
    this.#listener.ended(task)
  }

  /** Puts results that the cache keeps into waiting tasks; nothing comes back where no task has a policy. */
  recallFromCache(tasks: readonly Task[] = this.tasks): Promise<void> | undefined {
    const { cache } = this.host.settings
    if (cache === undefined || tasks.every((task) => task.node.cache === undefined)) return undefined
    return recallFromCache(cache, this.host.program.name, tasks).then((recalled) => {
      for (const task of recalled) {
        this.unsaved.push(task)
        this.#listener.ended(task)
      }
    })
  }

  #failed(context: TaskContext, thrown: unknown): void {
    const { task } = context
    if (isGraphInterrupt(thrown)) this.#interrupted(context, thrown.interrupts)
    else if (isGraphBubbleUp(thrown)) {
      task.status = 'failed'
      this.#bubbles.set(task, thrown)
    } else if (this.#errors.length > 0 && context.isAborted) {
      // It failed because another one did: that is not what ended the run.
      task.status = 'waiting'
    } else this.#reallyFailed(context, thrown)
  }

  #interrupted(context: TaskContext, interrupts: readonly Interrupt[]): void {
    const { task } = context
    task.status = 'interrupted'
    // Savers keep one interrupt write a task: several questions of a subgraph go into one.
    task.writes =
      interrupts.length === 0 ? [] : [[INTERRUPT, interrupts.length === 1 ? interrupts[0] : interrupts]]
    if (context.answers.length > 0) task.writes.push([RESUME, [...context.answers]])
    if (interrupts.length === 0) return
    this.unsaved.push(task)
    this.#listener.ended(task)
  }

  #reallyFailed(context: TaskContext, thrown: unknown): void {
    const { task } = context
    const error = toError(thrown)
    task.status = 'failed'
    task.error = thrown
    const note = { message: error.message, name: error.name }
    task.writes = [[ERROR, note]]
    const handler = this.#handlerOf(task)
    if (handler !== undefined) task.writes.push([ERROR_SOURCE_NODE, task.name])
    this.unsaved.push(task)
    this.#listener.ended(task)
    if (handler !== undefined) {
      this.handleError(task, handler, error)
      return
    }
    if (task.isCalled) return
    this.#errors.push(thrown)
  }

  #handlerOf(task: Task): NodeSpec | undefined {
    const { errorHandler } = task.node
    return errorHandler === undefined ? undefined : this.host.program.nodes.get(errorHandler)
  }

  /** Runs the handler of a failed task in the same superstep, with the input that the task had. */
  handleError(task: Task, handler: NodeSpec, error: Error): void {
    const handling = handlingTask(task, handler)
    this.tasks.push(handling)
    if (this.#listener.recall(handling)) return
    this.#listener.started(handling)
    const answers = this.#listener.answersOf(handling)
    this.#start(new TaskContext(this.host, handling, answers, new NodeError(task.name, error)))
  }

  /** Runs a function that a task calls as a task of its own; a kept result is given without running it. */
  call(caller: TaskContext, init: CallInit, position: string): Promise<unknown> {
    const salt = `${caller.task.id} ${position}`
    const known = this.#calls.get(`${init.name} ${salt}`)
    if (known !== undefined) return known
    const called = this.#call(caller, init, salt)
    this.#calls.set(`${init.name} ${salt}`, called)
    return called
  }

  #call(caller: TaskContext, init: CallInit, salt: string): Promise<unknown> {
    const path = [PUSH, caller.task.path, salt, true]
    const task = new Task(calledNode(init), path, init.input, [PUSH], caller.task.place, undefined, salt)
    this.tasks.push(task)
    if (this.#listener.recall(task)) return Promise.resolve(returned(task))
    const cached = this.recallFromCache([task])
    if (cached === undefined) return this.#runCall(caller, task)
    return cached.then(() => (task.status === 'done' ? returned(task) : this.#runCall(caller, task)))
  }

  #runCall(caller: TaskContext, task: Task): Promise<unknown> {
    this.#listener.started(task)
    const context = new TaskContext(this.host, task, this.#listener.answersOf(task))
    if (caller.isAborted) context.abort(caller.signal.reason)
    return new Promise((resolve, reject) => {
      task.status = 'running'
      this.#active.set(task, context)
      let result: TaskContext | Promise<TaskContext>
      try {
        result = executeTask(context, this.#policiesOf(task), this.#timing, (before) => this.#renew(before))
      } catch (error) {
        result = Promise.reject(toError(error) === error ? error : toError(error))
      }
      void Promise.resolve(result).then(
        (last) => {
          this.#settleLater(context, last, undefined)
          resolve(returned(last.task))
        },
        (error: unknown) => {
          this.#settleLater(context, undefined, { error })
          reject(error instanceof Error ? error : toError(error))
        },
      )
    })
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    this.#timing.after(0, () => {
      this.#flushScheduled = false
      if (this.#done !== undefined) this.flush()
    })
  }

  /** Stores what finished tasks wrote. */
  flush(): void {
    if (this.unsaved.length === 0) return
    const tasks = this.unsaved
    this.unsaved = []
    this.#listener.keep(tasks)
  }

  #end(tell: () => void): void {
    this.#cancelTimeout?.()
    tell()
    this.#done = undefined
    this.#fail = undefined
  }
}

/** What a called task returned. */
function returned(task: Task): unknown {
  return task.writes.find(([channel]) => channel === RETURN)?.[1]
}

/** The interrupts among a task's writes. */
export function interruptsOf(task: Task): Interrupt[] {
  return task.writes
    .filter(([channel]) => channel === INTERRUPT)
    .flatMap(([, value]) => value as Interrupt | Interrupt[])
}

/** A function as a node that exists for one call. */
function calledNode(init: CallInit): NodeSpec {
  const args = init.args ?? [init.input]
  return {
    name: init.name,
    index: -1,
    triggers: [PUSH],
    triggerIndexes: [],
    reads: { type: 'value', channels: [] },
    readIndexes: [],
    run: () => init.work(...(args as never[])),
    write: (output, sink) => sink.push(RETURN, output),
    retry: init.retry,
    cache: init.cache,
    timeout: init.timeout,
    hidden: init.silent,
  }
}
