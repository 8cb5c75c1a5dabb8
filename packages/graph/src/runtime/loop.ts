import type { Checkpointer } from '../checkpoint/checkpointer.ts'
import { PREVIOUS, RESUME } from '../constants.ts'
import type { Interrupt } from '../control.ts'
import {
  GraphInterrupt,
  GraphValueError,
  isGraphBubbleUp,
  isGraphInterrupt,
  isParentCommand,
} from '../errors.ts'
import type { EventLog } from '../stream/event-log.ts'
import type { MessageStream } from '../stream/message-stream.ts'
import { withCallbacks } from '../stream/message-stream.ts'
import type { Answers } from './answers.ts'
import { applyWrites } from './apply.ts'
import { beginRun } from './begin.ts'
import { Breath } from './breath.ts'
import { watchForCancel } from './cancel.ts'
import type { Cells } from './cells.ts'
import type { PauseStatus } from './chains.ts'
import { ChainReport } from './chains.ts'
import type { TaskContext } from './context.ts'
import { taskMetadata } from './create-runtime.ts'
import { cancelledWrites, withInterrupts, withoutInterrupts } from './ending.ts'
import { markLeft } from './execute.ts'
import type { CallInit, Replay, RunHost, RunSettings } from './host.ts'
import { StepCount } from './limits.ts'
import { loadThread } from './load.ts'
import { Patience } from './patience.ts'
import { namingNodes, toTaskWrites } from './persist.ts'
import { pausesAt, planTasks } from './plan.ts'
import type { Program } from './program.ts'
import type { Recollection } from './recollection.ts'
import { RunReport } from './report.ts'
import type { RunInit } from './run-init.ts'
import { Standing } from './standing.ts'
import { Step } from './step.ts'
import type { Task } from './task.ts'
import { inWriteOrder } from './task.ts'

/** One run of a graph: superstep by superstep until nothing is left to do. */
export class GraphRun implements RunHost {
  readonly program: Program
  readonly settings: RunSettings
  readonly configurable: Readonly<Record<PropertyKey, unknown>>
  readonly log: EventLog | undefined
  readonly chains: ChainReport | undefined
  /** True during the first superstep of a run that continues an earlier one. */
  isResuming = false
  readonly #init: RunInit
  readonly #patience: Patience
  readonly #standing: Standing
  readonly #report: RunReport
  readonly #count: StepCount
  readonly #breath: Breath
  /** Results on their way into the cache. */
  #caching: Promise<void>[] | undefined
  /** What an earlier run left of the superstep that is continued. */
  #earlier: Recollection | undefined
  #answers: Answers | undefined
  #replay: Replay | undefined
  #updated: readonly number[] | undefined
  #current: Step | undefined
  /** Why the run pauses, when it does. */
  #pauseStatus: PauseStatus = 'pending'
  #aborted: { readonly reason: unknown } | undefined

  constructor(init: RunInit) {
    this.#init = init
    this.program = init.program
    this.settings = init.settings
    this.configurable = init.configurable
    this.log = init.log
    this.chains = ChainReport.of(init.settings, init.parent)
    this.#patience = new Patience(init.settings.storagePatience, init.timing, init.settings.control)
    this.#standing = new Standing(init, this.#patience)
    this.#report = new RunReport(this, init.place.namespace)
    this.#count = new StepCount(init.settings)
    this.#breath = new Breath(init.timing)
  }

  /** Runs from the input to the end. @returns the output; with a list of interrupts in it when the run paused. */
  execute(input: unknown): Promise<unknown> {
    return this.chains === undefined ? this.#run(input) : this.#runTold(input, this.chains)
  }

  async #runTold(input: unknown, chains: ChainReport): Promise<unknown> {
    const chain = chains.begin(input)
    try {
      const output = await this.#run(input)
      chain.end(withoutInterrupts(output))
      return output
    } catch (error) {
      chain.fail(error)
      throw error
    } finally {
      await chains.settled()
    }
  }

  async #run(input: unknown): Promise<unknown> {
    const stopWatching = this.#watch()
    let failure: { readonly error: unknown } | undefined
    try {
      await this.#begin(input)
      await this.#loop()
    } catch (error) {
      failure = { error }
    } finally {
      stopWatching()
    }
    return this.#finish(failure)
  }

  #watch(): () => void {
    const { settings } = this
    const { left, parent, timing } = this.#init
    return watchForCancel(
      {
        signals: [settings.signal, left, parent?.signal],
        timeoutMs: settings.timeout,
        deadlineMs: settings.budgets?.deadline,
      },
      timing,
      (reason) => this.#abort(reason),
    )
  }

  #abort(reason: unknown): void {
    const error = reason instanceof Error ? reason : new DOMException('The run was aborted.', 'AbortError')
    this.#aborted ??= { reason: error }
    this.#current?.abort(error)
    this.#patience.giveUp(error)
  }

  #throwIfAborted(): void {
    if (this.#aborted !== undefined) throw this.#aborted.reason
  }

  async #begin(input: unknown): Promise<void> {
    const standing = this.#standing
    const loaded = await loadThread(this.#init, this.#patience)
    if (loaded !== undefined) standing.open(loaded)
    const beginning = beginRun(this.#init, standing, loaded, input)
    this.isResuming = beginning.isResuming
    this.#earlier = beginning.earlier
    this.#answers = beginning.answers
    this.#replay = beginning.replay
    this.#updated = beginning.updated
    if (beginning.commits !== undefined) await standing.commit(beginning.commits, [])
    if (beginning.isResuming && this.chains !== undefined) {
      await this.chains.resumed(standing.position.checkpointId, this.#init.place.namespace)
    }
    if (!beginning.showsState) return
    standing.hasOutput = true
    this.#report.state(standing.cells, standing.envelope)
  }

  async #loop(): Promise<void> {
    const { interruptBefore, interruptAfter } = this.settings
    for (;;) {
      this.#throwIfAborted()
      const tasks = planTasks(this.program, this.cells, this.#updated, this.#standing.position)
      this.#showCheckpoint(tasks)
      if (tasks.length === 0) {
        if (this.#init.limitCountsEnd) this.#count.checkRecursion()
        return
      }
      this.#count.add(tasks)
      const others = this.#breath.draw(this.#count.taken)
      if (others !== undefined) await others
      this.#recallAll(tasks)
      const step = new Step(this, tasks, this.#listener, this.#init.timing)
      this.#current = step
      const recalled = step.recallFromCache()
      if (recalled !== undefined) await recalled
      if (step.hasWork) {
        if (pausesAt(interruptBefore, tasks, this.cells)) throw this.#pause('interrupt_before')
        for (const task of tasks) this.#report.started(task)
        const working = step.run()
        if (working !== undefined) await working
        this.#throwIfAborted()
        step.check()
      }
      const stored = this.#endStep(step)
      if (stored !== undefined) await stored
      if (pausesAt(interruptAfter, tasks, this.cells)) throw this.#pause('interrupt_after')
    }
  }

  #pause(status: PauseStatus): GraphInterrupt {
    this.#pauseStatus = status
    return new GraphInterrupt()
  }

  #showCheckpoint(tasks: readonly Task[]): void {
    const { thread } = this.#init.place
    const { cells, isStored, position, parentId, metadata } = this.#standing
    if (!isStored || thread === undefined || !this.#report.wantsCheckpoints) return
    this.#report.checkpoint(cells, {
      thread,
      place: position,
      parentId,
      metadata,
      tasks,
      pending: this.#earlier?.writes ?? [],
    })
  }

  #recallAll(tasks: readonly Task[]): void {
    if (this.#earlier === undefined) return
    for (const task of tasks) if (this.#earlier.recall(task)) this.#report.ended(task)
  }

  readonly #listener = {
    started: (task: Task): void => this.#report.started(task),
    ended: (task: Task): void => this.#report.ended(task),
    keep: (tasks: readonly Task[]): void => this.#keep(tasks),
    caching: (done: Promise<void>): void => void (this.#caching ??= []).push(done),
    answersOf: (task: Task): unknown[] => this.#earlier?.answersOf(task) ?? [],
    recall: (task: Task): boolean => this.#earlier?.recall(task) ?? false,
  }

  #keep(tasks: readonly Task[]): void {
    if (this.#standing.keepsEarly) this.#standing.keep(tasks.map((task) => toTaskWrites(this.program, task)))
  }

  /** Applies and stores what the tasks of a superstep wrote. */
  #endStep(step: Step): void | Promise<void> {
    const standing = this.#standing
    const writers = inWriteOrder(step.tasks.filter((task) => !task.isCalled))
    const applied = applyWrites(this.program, standing.cells, writers)
    this.#updated = applied.updated
    standing.note(applied)
    this.#earlier = undefined
    this.isResuming = false
    this.#answers?.end()
    const unsaved = step.unsaved
    step.unsaved = []
    this.#current = undefined
    const stored = this.#commitStep(step, unsaved)
    if (stored instanceof Promise)
      return stored.then(() => this.#report.output(standing.cells, applied, standing.envelope))
    this.#report.output(standing.cells, applied, standing.envelope)
    return undefined
  }

  #commitStep(step: Step, unsaved: readonly Task[]): void | Promise<void> {
    try {
      return this.#standing.commit('loop', unsaved)
    } catch (error) {
      throw namingNodes(error, step.tasks)
    }
  }

  /** Stores what is still to be stored, and says how the run ended. */
  async #finish(failure: { readonly error: unknown } | undefined): Promise<unknown> {
    const error = failure?.error
    const isNested = this.#init.parent !== undefined
    if (failure !== undefined) this.#keepUnfinished(error)
    if (this.#caching !== undefined) await Promise.all(this.#caching)
    try {
      if (this.settings.durability === 'exit') await this.#storeAtExit(failure !== undefined)
      const settled = this.#standing.settled()
      if (settled !== undefined) await settled
    } catch (storage) {
      // A pause that could not be stored is none.
      if (failure === undefined || isGraphBubbleUp(error)) throw storage
    }
    if (failure === undefined) {
      return this.#standing.output()
    }
    if (isGraphInterrupt(error) && !isNested) {
      const output = this.#paused(error.interrupts)
      await this.chains?.paused(this.#pauseStatus, this.#standing.position.checkpointId, error.interrupts)
      return output
    }
    if (isParentCommand(error)) {
      if (!isNested) {
        throw new GraphValueError('A node sent a command to the parent graph, but this graph has none.')
      }
      markLeft(error)
    }
    throw error
  }

  /** Keeps what finished tasks of a failed or paused superstep wrote, and notes that the others were cancelled. */
  #keepUnfinished(error: unknown): void {
    const step = this.#current
    if (step === undefined) return
    step.flush()
    if (this.#aborted === undefined || isGraphBubbleUp(error)) return
    if (this.#standing.keepsEarly) this.#standing.keep(cancelledWrites(step.unfinished))
  }

  async #storeAtExit(hasFailed: boolean): Promise<void> {
    if (!this.#standing.isStored) return
    const isNested = this.#init.parent !== undefined
    const ownsMemory = !this.#init.place.namespace.includes(':')
    // A visit that paused before is stored when it is done, or it would ask again.
    if (isNested && !hasFailed && !ownsMemory && !this.#standing.isContinued) return
    const tasks = this.#current?.tasks.filter((task) => task.writes.length > 0) ?? []
    const stored = this.#standing.store([], true)
    if (stored !== undefined) await stored
    if (hasFailed && tasks.length > 0) {
      this.#standing.keep(tasks.map((task) => toTaskWrites(this.program, task)))
    }
  }

  /** The state as it stands at the pause, with what finished tasks of the superstep wrote. */
  #paused(interrupts: readonly Interrupt[]): unknown {
    const standing = this.#standing
    const finished = this.#current?.tasks.filter((task) => task.status === 'done' && !task.isCalled) ?? []
    if (finished.length > 0) {
      const applied = applyWrites(this.program, standing.cells, inWriteOrder(finished))
      standing.note(applied)
      this.#report.output(standing.cells, applied, standing.envelope)
    }
    if (interrupts.length === 0) this.#report.pause([])
    return withInterrupts(standing.output(), interrupts)
  }

  get cells(): Cells {
    return this.#standing.cells
  }

  get wasChanged(): boolean {
    const { source } = this.#standing.metadata
    return source === 'update' || source === 'fork'
  }

  get isPersistent(): boolean {
    return this.#init.place.saver !== undefined
  }

  get saver(): Checkpointer | undefined {
    return this.#init.place.saver
  }

  get parents(): Readonly<Record<string, string>> {
    return this.#init.place.parents
  }

  get signals(): EventLog | undefined {
    return this.#init.signals
  }

  get messages(): MessageStream | undefined {
    return this.#init.messages
  }

  get checkpointMap(): Readonly<Record<string, string>> | undefined {
    return this.#init.place.checkpointMap
  }

  get replay(): Replay | undefined {
    return this.#replay ?? this.#init.parent?.host.replay
  }

  get previous(): unknown {
    const index = this.program.channelIndex.get(PREVIOUS)
    const channel = index === undefined ? undefined : this.cells.channels[index]
    return channel?.isAvailable() ? channel.get() : undefined
  }

  now(): number {
    return this.#init.timing.now()
  }

  takeAnswer(id: string): { readonly value: unknown } | undefined {
    const { parent } = this.#init
    return parent === undefined ? this.#answers?.take(id) : parent.host.takeAnswer(id)
  }

  keepAnswers(task: Task, answers: readonly unknown[]): void {
    if (this.#standing.keepsEarly)
      this.#standing.keep([{ taskId: task.id, writes: [[RESUME, [...answers]]] }])
  }

  callTask(context: TaskContext, init: CallInit, position: string): Promise<unknown> {
    if (this.#current === undefined) {
      return Promise.reject(new Error(`"${init.name}" was called after the task that calls it had ended.`))
    }
    return this.#current.call(context, init, position)
  }

  callbacksFor(context: TaskContext): unknown {
    const { messages } = this
    const callbacks = this.chains?.childrenOf(context)
    return messages === undefined ? callbacks : withCallbacks(callbacks, messages.callbacks)
  }

  writeCustom(context: TaskContext, chunk: unknown): void {
    this.#report.custom(context, 'custom', chunk)
  }

  writeTool(context: TaskContext, data: unknown): void {
    this.#report.custom(context, 'tool', data)
  }

  writeMessage(context: TaskContext, message: unknown, metadata?: Readonly<Record<string, unknown>>): void {
    context.onProgress?.(false)
    if (context.isAborted || this.messages === undefined) return
    this.messages.emit(context.task.namespace, message, { ...taskMetadata(context), ...metadata })
  }
}
