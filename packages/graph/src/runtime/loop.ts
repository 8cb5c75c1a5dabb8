import { newCheckpointId } from '../checkpoint/checkpoint-id.ts'
import type { CheckpointMetadata, Checkpointer, Place, SavedCheckpoint } from '../checkpoint/checkpointer.ts'
import { ERROR, INPUT, INTERRUPT, NAMESPACE_END, PREVIOUS, RESUME } from '../constants.ts'
import type { Interrupt } from '../control.ts'
import { isCommand } from '../control.ts'
import {
  BaseLangGraphError,
  EmptyInputError,
  GraphDrained,
  GraphInterrupt,
  GraphValueError,
  isGraphBubbleUp,
  isGraphInterrupt,
  isParentCommand,
} from '../errors.ts'
import type { EventLog } from '../stream/event-log.ts'
import type { CheckpointEnvelope } from '../stream/events.ts'
import type { MessageStream } from '../stream/message-stream.ts'
import { withCallbacks } from '../stream/message-stream.ts'
import type { Answers } from './answers.ts'
import { collectAnswers } from './answers.ts'
import type { Applied, Writer } from './apply.ts'
import { applyWrites } from './apply.ts'
import { watchForCancel } from './cancel.ts'
import type { Cells } from './cells.ts'
import { emptyCells, readChannels, restoreCells } from './cells.ts'
import type { TaskContext } from './context.ts'
import { taskMetadata } from './create-runtime.ts'
import type { Timing } from './execute.ts'
import { markLeft } from './execute.ts'
import type { CallInit, Replay, RunHost, RunSettings } from './host.ts'
import { commandWrites, inputWrites } from './input.ts'
import { overBudget, recursionError, TRAIL_LENGTH } from './limits.ts'
import { Persistence, toTaskWrites } from './persist.ts'
import { orphanedTriggers, planTasks } from './plan.ts'
import type { Program, Selection } from './program.ts'
import { Recollection } from './recollection.ts'
import { RunReport } from './report.ts'
import { Step } from './step.ts'
import type { StepPlace, Task, Write } from './task.ts'
import { inWriteOrder } from './task.ts'

/** How many supersteps pass between two looks at the clock. */
const STEPS_PER_LOOK = 64
/** How long a run may keep everything else in the process waiting. */
const LONGEST_BREATH_MS = 20

/** Where a run keeps its thread. */
export interface RunPlace {
  readonly saver: Checkpointer | undefined
  readonly thread: string | undefined
  readonly namespace: string
  /** The checkpoint that the caller asked to go on from. */
  readonly checkpointId: string | undefined
  /** Checkpoint ids of the graphs around, by namespace. */
  readonly parents: Readonly<Record<string, string>>
  /** Checkpoints of subgraphs to go on from, by namespace: the caller asked for one within. */
  readonly checkpointMap?: Readonly<Record<string, string>> | undefined
}

/** Everything that one run of a graph is made of. */
export interface RunInit {
  readonly program: Program
  readonly settings: RunSettings
  readonly place: RunPlace
  readonly configurable: Readonly<Record<PropertyKey, unknown>>
  /** Told what happens in this graph. */
  readonly log: EventLog | undefined
  /** Told what nodes say themselves: custom chunks, messages, tools. */
  readonly signals: EventLog | undefined
  readonly messages: MessageStream | undefined
  /** Aborted when the reader of the run's stream has left. */
  readonly left?: AbortSignal | undefined
  /** The task that this run is part of. */
  readonly parent: TaskContext | undefined
  readonly timing: Timing
  /** Changes what an older version of the graph stored. */
  readonly migrate?:
    | ((values: Record<string, unknown>, metadata: CheckpointMetadata) => Record<string, unknown>)
    | undefined
  /** Kept with every checkpoint. */
  readonly version?: string | undefined
  /** Whether the look for what is left to do, which finds nothing, counts as a superstep. */
  readonly limitCountsEnd?: boolean | undefined
}

/** One run of a graph: superstep by superstep until nothing is left to do. */
export class GraphRun implements RunHost {
  readonly program: Program
  readonly settings: RunSettings
  readonly configurable: Readonly<Record<PropertyKey, unknown>>
  readonly log: EventLog | undefined
  cells: Cells
  /** True during the first superstep of a run that continues an earlier one. */
  isResuming = false
  readonly #init: RunInit
  readonly #report: RunReport
  #persistence: Persistence | undefined
  /** Results on their way into the cache. */
  #caching: Promise<void>[] | undefined
  #saved: SavedCheckpoint | undefined
  /** What an earlier run left of the superstep that is continued. */
  #earlier: Recollection | undefined
  #answers: Answers | undefined
  #metadata: CheckpointMetadata = { source: 'input', step: -2, parents: {} }
  /** The checkpoint that the next superstep starts from. */
  #position: Position
  /** The checkpoint before it. */
  #parentId: string | undefined
  #updated: readonly number[] | undefined
  #current: Step | undefined
  #produced = false
  #taken = 0
  #breathedMs: number
  readonly #trail: string[] = []
  #aborted: { readonly reason: unknown } | undefined
  #replay: Replay | undefined
  /** Whether the run, within one that goes back, begins with its input although the thread has a state. */
  #startsAnew = false

  constructor(init: RunInit) {
    this.#init = init
    this.program = init.program
    this.settings = init.settings
    this.configurable = init.configurable
    this.log = init.log
    this.cells = emptyCells(init.program)
    this.#position = new Position(-1, init.place.namespace)
    this.#report = new RunReport(this, init.place.namespace)
    this.#breathedMs = init.timing.now()
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

  /** Runs from the input to the end. @returns the output; with a list of interrupts in it when the run paused. */
  async execute(input: unknown): Promise<unknown> {
    const stopWatching = this.#watch()
    let failure: { readonly error: unknown } | undefined
    try {
      await this.#load()
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
  }

  async #load(): Promise<void> {
    const { saver, thread, namespace, checkpointId } = this.#init.place
    if (saver === undefined || thread === undefined) return
    const place = { thread, namespace }
    const gone = this.#goesBack(namespace)
    const found = gone === undefined ? saver.load(place, checkpointId) : loadBefore(saver, place, gone)
    const saved = found instanceof Promise ? await found : found
    const head = saved === undefined && gone !== undefined ? await saver.load(place) : undefined
    this.#saved = saved
    this.#persistence = new Persistence(this.program, saver, place, saved, head?.head)
    if (saved === undefined) {
      if (checkpointId !== undefined && namespace === '') throw unknownCheckpoint(thread, checkpointId)
      return
    }
    this.#metadata = saved.metadata
    this.#position = new Position((saved.metadata.step ?? -2) + 1, namespace, saved.checkpoint.id)
    this.#parentId = saved.parentId
    this.cells = restoreCells(this.program, saved.checkpoint, this.#migrated(saved))
    const isWithin = namespace === '' && this.#init.place.checkpointMap !== undefined
    if (saved.pendingWrites.length > 0 && !isWithin) this.#earlier = new Recollection(saved.pendingWrites)
  }

  /** The checkpoint that a subgraph goes back behind, once for each run that goes back. */
  #goesBack(namespace: string): string | undefined {
    const replay = this.#init.parent?.host.replay
    if (replay === undefined || this.#init.place.checkpointId !== undefined) return undefined
    if (replay.visited.has(namespace)) return undefined
    replay.visited.add(namespace)
    this.#startsAnew = true
    return replay.before
  }

  #migrated(saved: SavedCheckpoint): Record<string, unknown> {
    const { migrate, version } = this.#init
    if (migrate === undefined || saved.metadata['graph_version'] === version) return saved.values
    return migrate({ ...saved.values }, saved.metadata)
  }

  /** Takes the input: new input, a command, or the wish to go on. */
  #begin(input: unknown): void | Promise<void> {
    const { parent } = this.#init
    const command = isCommand(input) ? input : undefined
    const pending = this.#saved?.pendingWrites ?? []
    this.#answers = parent === undefined ? collectAnswers(command, pending) : undefined
    if (this.#answers !== undefined && !this.isPersistent) {
      throw new Error('Cannot use Command(resume=...) without checkpointer')
    }
    const early: Write[] = command === undefined ? [] : commandWrites(command, this.program)
    if (command !== undefined && early.length === 0) {
      if (this.#answers === undefined) throw new EmptyInputError('Received empty Command input')
      this.#refuseIdleAnswer()
    }
    early.unshift(...(this.#earlier?.early ?? []))
    if (early.length > 0) this.#note(applyWrites(this.program, this.cells, [inputWriter(early)]))
    const goesOn =
      this.#hasHistory() &&
      (parent === undefined ? input == null || this.#answers !== undefined : this.#parentResumes(input))
    if (goesOn) return this.#goOn()
    if (command !== undefined) return this.#startFromCommand()
    return this.#startFromInput(input)
  }

  /** An answer goes to a thread that waits: another one is told so, instead of being left as it is in silence. */
  #refuseIdleAnswer(): void {
    const { thread } = this.#init.place
    if (this.#saved === undefined) {
      throw new GraphValueError(`There is no thread "${thread}" that an answer could go to.`, {
        lc_error_code: 'thread_not_found',
      })
    }
    const hasEarlier = (this.#earlier?.early.length ?? 0) > 0
    if (hasEarlier || orphanedTriggers(this.program, this.cells).length > 0) return
    if (planTasks(this.program, this.cells, undefined, this.#position).length > 0) return
    throw new GraphValueError(`Thread "${thread}" is done: it waits for no answer.`, {
      lc_error_code: 'no_pending_interrupt',
    })
  }

  #hasHistory(): boolean {
    return this.cells.highest > 0
  }

  #parentResumes(input: unknown): boolean {
    if (this.#startsAnew) return false
    return input == null || this.#init.parent?.host.isResuming === true
  }

  #goOn(): void | Promise<void> {
    this.isResuming = true
    this.#refuseOrphans()
    this.cells.pauseSeen = [...this.cells.versions]
    if (!this.#isReplay()) {
      this.#showState()
      return undefined
    }
    // Going back in time: what an older run answered and asked does not count, and a branch begins.
    this.#earlier = undefined
    const { source } = this.#metadata
    const isBranch = source === 'update' || source === 'fork'
    const before = isBranch ? this.#saved?.parentId : this.#saved?.checkpoint.id
    const goesBackItself = this.#init.parent === undefined || this.#init.place.checkpointId !== undefined
    if (goesBackItself && before !== undefined) this.#replay = { before, visited: new Set() }
    const forked = isBranch ? undefined : this.#commit({ source: 'fork' }, [])
    return forked instanceof Promise ? forked.then(() => this.#showState()) : this.#showState()
  }

  /**
   * Whether the run goes on from a checkpoint that is not the newest, or was made by hand, without an answer to one of
   * its questions. The graph around a subgraph that is found by the name of its task does not branch itself: its tasks
   * keep their names.
   */
  #isReplay(): boolean {
    const { checkpointId, namespace, checkpointMap } = this.#init.place
    if (checkpointId === undefined || this.#answers !== undefined) return false
    if (namespace === '' && checkpointMap !== undefined && namesTasks(checkpointMap)) return false
    const { source } = this.#metadata
    return this.#saved?.head !== checkpointId || source === 'update' || source === 'fork'
  }

  #refuseOrphans(): void {
    const [missing] = orphanedTriggers(this.program, this.cells)
    if (missing === undefined) return
    throw new GraphValueError(
      `The thread is to go on at node "${missing}", which this graph does not have.`,
      {
        lc_error_code: 'graph_version_mismatch',
      },
    )
  }

  #startFromCommand(): void | Promise<void> {
    this.cells.pauseSeen = [...this.cells.versions]
    this.#earlier = undefined
    const stored = this.#commit({ source: 'input' }, [])
    return stored instanceof Promise ? stored.then(() => this.#showState()) : this.#showState()
  }

  #startFromInput(input: unknown): void | Promise<void> {
    const writes = inputWrites(this.program.inputChannels, input)
    if (writes.length === 0) {
      if (this.#init.parent !== undefined) return undefined
      throw new EmptyInputError(
        `Received no input writes for ${JSON.stringify(this.program.inputChannels, null, 2)}`,
      )
    }
    // What an earlier run left undone is given up: the input starts anew.
    const discarded = this.#hasHistory() ? planTasks(this.program, this.cells, undefined, this.#position) : []
    const writers: Writer[] = [...discarded.map(withoutWrites), inputWriter(writes)]
    this.#earlier = undefined
    const applied = applyWrites(this.program, this.cells, writers)
    this.#updated = applied.updated
    this.#note(applied)
    return this.#commit({ source: 'input' }, [])
  }

  async #loop(): Promise<void> {
    for (;;) {
      this.#throwIfAborted()
      const tasks = planTasks(this.program, this.cells, this.#updated, this.#position)
      this.#showCheckpoint(tasks)
      if (tasks.length === 0) return this.#checkEnd()
      this.#checkLimits(tasks)
      if (this.#taken % STEPS_PER_LOOK === 0) await this.#breathe()
      this.#recallAll(tasks)
      const step = new Step(this, tasks, this.#listener, this.#init.timing)
      this.#current = step
      const recalled = step.recallFromCache()
      if (recalled !== undefined) await recalled
      if (step.hasWork) {
        if (this.#pausesAt(this.settings.interruptBefore, tasks)) throw new GraphInterrupt()
        for (const task of tasks) this.#report.started(task)
        const working = step.run()
        if (working !== undefined) await working
        this.#throwIfAborted()
        step.check()
      }
      const stored = this.#endStep(step)
      if (stored !== undefined) await stored
      if (this.#pausesAt(this.settings.interruptAfter, tasks)) throw new GraphInterrupt()
    }
  }

  /** Lets timers and signals have their turn: nodes that never wait would keep them from it. */
  #breathe(): void | Promise<void> {
    const now = this.now()
    if (now - this.#breathedMs < LONGEST_BREATH_MS) return undefined
    this.#breathedMs = now
    return new Promise((resolve) => {
      this.#init.timing.after(0, resolve)
    })
  }

  #throwIfAborted(): void {
    if (this.#aborted !== undefined) throw this.#aborted.reason
  }

  /** Applies and stores what the tasks of a superstep wrote. */
  #endStep(step: Step): void | Promise<void> {
    const writers = inWriteOrder(step.tasks.filter((task) => !task.isCalled))
    const applied = applyWrites(this.program, this.cells, writers)
    this.#updated = applied.updated
    this.#note(applied)
    this.#earlier = undefined
    this.isResuming = false
    this.#answers?.end()
    const unsaved = step.unsaved
    step.unsaved = []
    this.#current = undefined
    const stored = this.#commitStep(step, unsaved)
    if (stored instanceof Promise)
      return stored.then(() => this.#report.output(this.cells, applied, this.#envelope))
    this.#report.output(this.cells, applied, this.#envelope)
    return undefined
  }

  #commitStep(step: Step, unsaved: readonly Task[]): void | Promise<void> {
    try {
      return this.#commit({ source: 'loop' }, unsaved)
    } catch (error) {
      throw namingNodes(error, step.tasks)
    }
  }

  #note(applied: Applied): void {
    this.#persistence?.note(applied)
    const { outputChannels, channelIndex } = this.program
    if (this.#produced || typeof outputChannels !== 'string') return
    this.#produced = applied.written.has(channelIndex.get(outputChannels) ?? -1)
  }

  #commit(source: Pick<CheckpointMetadata, 'source'>, unsaved: readonly Task[]): void | Promise<void> {
    const { parents } = this.#init.place
    const { version } = this.#init
    this.#metadata = {
      ...source,
      step: this.#position.step,
      parents,
      ...(version !== undefined && { graph_version: version }),
    }
    this.#parentId = this.#persistence?.parentId
    this.#position = new Position(this.#position.step + 1, this.#init.place.namespace)
    const { durability } = this.settings
    if (this.#persistence === undefined || durability === 'exit') return undefined
    return this.#store(unsaved, durability === 'sync')
  }

  #store(unsaved: readonly Task[], wait: boolean): void | Promise<void> {
    const note = { id: this.#position.checkpointId, nowMs: this.now(), metadata: this.#metadata }
    return this.#persistence?.commit(this.cells, note, unsaved, wait)
  }

  #checkEnd(): void {
    const { recursionLimit } = this.settings
    if (this.#init.limitCountsEnd && this.#taken >= recursionLimit)
      throw recursionError(recursionLimit, this.#trail)
  }

  #checkLimits(tasks: readonly Task[]): void {
    const { control, recursionLimit, budgets } = this.settings
    if (control.drainRequested) throw new GraphDrained(control.drainReason)
    if (tasks.every(({ node }) => node.hidden)) return
    if (this.#taken >= recursionLimit) throw recursionError(recursionLimit, this.#trail)
    if (budgets?.maxSteps !== undefined && this.#taken >= budgets.maxSteps) {
      throw overBudget('maxSteps', `The run took the ${budgets.maxSteps} steps that it may.`)
    }
    const spent = control.overspent(budgets)
    if (spent !== undefined) throw spent
    this.#taken += 1
    this.#trail.push(tasks.length === 1 ? (tasks[0] as Task).name : tasks.map(({ name }) => name).join('+'))
    if (this.#trail.length > 2 * TRAIL_LENGTH) this.#trail.splice(0, TRAIL_LENGTH)
  }

  #pausesAt(selection: Selection, tasks: readonly Task[]): boolean {
    if (selection.length === 0) return false
    const named =
      selection === '*'
        ? tasks.some(({ node }) => !node.hidden)
        : tasks.some(({ name }) => selection.includes(name))
    if (!named) return false
    const { pauseSeen, versions } = this.cells
    return versions.some((version, index) => version > (pauseSeen?.[index] ?? 0))
  }

  readonly #listener = {
    started: (task: Task): void => this.#report.started(task),
    ended: (task: Task): void => this.#report.ended(task),
    keep: (tasks: readonly Task[]): void => this.#keep(tasks),
    caching: (done: Promise<void>): void => void (this.#caching ??= []).push(done),
    answersOf: (task: Task): unknown[] => this.#earlier?.answersOf(task) ?? [],
    recall: (task: Task): boolean => this.#earlier?.recall(task) ?? false,
  }

  #recallAll(tasks: readonly Task[]): void {
    if (this.#earlier === undefined) return
    for (const task of tasks) if (this.#earlier.recall(task)) this.#report.ended(task)
  }

  #keep(tasks: readonly Task[]): void {
    if (this.#persistence === undefined || this.settings.durability === 'exit') return
    this.#persistence.addWrites(tasks.map((task) => toTaskWrites(this.program, task)))
  }

  takeAnswer(id: string): { readonly value: unknown } | undefined {
    const { parent } = this.#init
    return parent === undefined ? this.#answers?.take(id) : parent.host.takeAnswer(id)
  }

  keepAnswers(task: Task, answers: readonly unknown[]): void {
    if (this.#persistence === undefined || this.settings.durability === 'exit') return
    this.#persistence.addWrites([{ taskId: task.id, writes: [[RESUME, [...answers]]] }])
  }

  callTask(context: TaskContext, init: CallInit, position: string): Promise<unknown> {
    if (this.#current === undefined) {
      return Promise.reject(new Error(`"${init.name}" was called after the task that calls it had ended.`))
    }
    return this.#current.call(context, init, position)
  }

  callbacksFor(): unknown {
    const { messages } = this
    const { callbacks } = this.settings
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

  #showState(): void {
    this.#produced = true
    this.#report.state(this.cells, this.#envelope)
  }

  readonly #envelope = (): CheckpointEnvelope => ({
    id: this.#position.checkpointId,
    ...(this.#parentId !== undefined && { parent_id: this.#parentId }),
    step: this.#metadata.step,
    source: this.#metadata.source,
  })

  #showCheckpoint(tasks: readonly Task[]): void {
    const { thread } = this.#init.place
    if (this.#persistence === undefined || thread === undefined || !this.#report.wantsCheckpoints) return
    this.#report.checkpoint(this.cells, {
      thread,
      place: this.#position,
      parentId: this.#parentId,
      metadata: this.#metadata,
      tasks,
      pending: this.#earlier?.writes ?? [],
    })
  }

  /** Stores what is still to be stored, and says how the run ended. */
  async #finish(failure: { readonly error: unknown } | undefined): Promise<unknown> {
    const error = failure?.error
    if (failure !== undefined) this.#keepUnfinished(error)
    if (this.#caching !== undefined) await Promise.all(this.#caching)
    const persistence = this.#persistence
    if (persistence !== undefined) {
      try {
        if (this.settings.durability === 'exit') await this.#storeAtExit(failure)
        const settled = persistence.settled()
        if (settled !== undefined) await settled
      } catch (storage) {
        // A pause that could not be stored is none.
        if (failure === undefined || isGraphBubbleUp(error)) throw storage
      }
    }
    if (failure === undefined) return this.#ended(this.#output())
    if (isGraphInterrupt(error) && this.#init.parent === undefined) return this.#paused(error.interrupts)
    if (isParentCommand(error)) {
      if (this.#init.parent === undefined) {
        throw new GraphValueError('A node sent a command to the parent graph, but this graph has none.')
      }
      markLeft(error)
    }
    throw error
  }

  /** Tells LangChain handlers that were handed to the run what came of it. */
  #ended(output: unknown): unknown {
    const { callbacks } = this.settings
    if (this.#init.parent === undefined && Array.isArray(callbacks)) {
      for (const handler of callbacks as {
        handleChainEnd?: (output: unknown, runId?: string) => unknown
      }[]) {
        handler.handleChainEnd?.(output, this.settings.runId)
      }
    }
    return output
  }

  /** Keeps what finished tasks of a failed or paused superstep wrote, and notes that the others were cancelled. */
  #keepUnfinished(error: unknown): void {
    const step = this.#current
    if (step === undefined) return
    step.flush()
    if (this.#aborted === undefined || isGraphBubbleUp(error)) return
    const note = { name: 'RunCancelledError', message: 'The run was cancelled before the task had a result.' }
    if (this.#persistence === undefined || this.settings.durability === 'exit') return
    this.#persistence.addWrites(step.unfinished.map((task) => ({ taskId: task.id, writes: [[ERROR, note]] })))
  }

  async #storeAtExit(failure: { readonly error: unknown } | undefined): Promise<void> {
    const isNested = this.#init.parent !== undefined
    const ownsMemory = !this.#init.place.namespace.includes(':')
    if (isNested && failure === undefined && !ownsMemory) return
    const tasks = this.#current?.tasks.filter((task) => task.writes.length > 0) ?? []
    const stored = this.#store([], true)
    if (stored !== undefined) await stored
    if (failure !== undefined && tasks.length > 0) {
      this.#persistence?.addWrites(tasks.map((task) => toTaskWrites(this.program, task)))
    }
  }

  #output(): unknown {
    const keys = this.#report.outputKeys
    if (typeof keys === 'string' && !this.#produced) return undefined
    return readChannels(this.program, this.cells.channels, keys)
  }

  /** The state as it stands at the pause, with what finished tasks of the superstep wrote. */
  #paused(interrupts: readonly Interrupt[]): unknown {
    const finished = this.#current?.tasks.filter((task) => task.status === 'done' && !task.isCalled) ?? []
    if (finished.length > 0) {
      const applied = applyWrites(this.program, this.cells, inWriteOrder(finished))
      this.#note(applied)
      this.#report.output(this.cells, applied, this.#envelope)
    }
    if (interrupts.length === 0) this.#report.pause([])
    const output = this.#output()
    if (output == null) return { [INTERRUPT]: interrupts }
    return typeof output === 'object' ? { ...output, [INTERRUPT]: interrupts } : output
  }
}

/** A checkpoint as the tasks that start from it see it. */
class Position implements StepPlace {
  readonly step: number
  readonly namespace: string
  #id: string | undefined

  constructor(step: number, namespace: string, id?: string) {
    this.step = step
    this.namespace = namespace
    this.#id = id
  }

  get checkpointId(): string {
    return (this.#id ??= newCheckpointId())
  }
}

const inputWriter = (writes: readonly Write[]): Writer => ({ name: INPUT, writes, triggers: [] })

const withoutWrites = ({ name, triggers, node }: Task): Writer => ({ name, triggers, node, writes: [] })

/** Says which nodes returned what cannot be stored. */
function namingNodes(error: unknown, tasks: readonly Task[]): unknown {
  if (!(error instanceof BaseLangGraphError) || error.lc_error_code !== 'state_not_serializable') return error
  const names = [...new Set(tasks.map(({ name }) => `"${name}"`))].join(', ')
  const [message = ''] = error.message.split('\n\n')
  return new BaseLangGraphError(`Node ${names} returned what cannot be stored: ${message}`, {
    lc_error_code: error.lc_error_code,
    cause: error,
  })
}

/** The newest checkpoint of a place that is older than one. */
async function loadBefore(
  saver: Checkpointer,
  place: Place,
  before: string,
): Promise<SavedCheckpoint | undefined> {
  for await (const saved of saver.history({ ...place, before, limit: 1 })) return saved
  return undefined
}

function unknownCheckpoint(thread: string, checkpointId: string): Error {
  return new BaseLangGraphError(`Thread "${thread}" has no checkpoint "${checkpointId}".`, {
    lc_error_code: 'checkpoint_not_found',
  })
}

/** Whether a place among these is named after a task, as those of subgraphs without a memory of their own are. */
function namesTasks(checkpointMap: Readonly<Record<string, string>>): boolean {
  return Object.keys(checkpointMap).some((namespace) => namespace.includes(NAMESPACE_END))
}
