import type { CheckpointMetadata, PendingWrite } from '../checkpoint/checkpointer.ts'
import { NAMESPACE_SEPARATOR, TASKS } from '../constants.ts'
import type { Interrupt } from '../control.ts'
import type { EventLog } from '../stream/event-log.ts'
import type { CheckpointEnvelope, RunEvent } from '../stream/events.ts'
import type { Applied } from './apply.ts'
import type { Cells } from './cells.ts'
import { readChannels, readOutlet } from './cells.ts'
import type { TaskContext } from './context.ts'
import { taskMetadata } from './create-runtime.ts'
import type { CheckpointConfig } from './describe.ts'
import { checkpointConfig, describeTask, taskNamespace } from './describe.ts'
import type { RunHost } from './host.ts'
import type { Outlet } from './program.ts'
import { shownOutlet } from './program.ts'
import { interruptsOf } from './step.ts'
import type { StepPlace, Task } from './task.ts'

/** A checkpoint as it is told of. */
export interface CheckpointReport {
  readonly thread: string
  readonly place: StepPlace
  readonly parentId: string | undefined
  readonly metadata: CheckpointMetadata
  readonly tasks: readonly Task[]
  readonly pending: readonly PendingWrite[]
}

/** Tells the run's log what happens; what nobody listens for is not put together. */
export class RunReport {
  readonly #host: RunHost
  readonly #levels: readonly string[]
  readonly #log: EventLog | undefined
  readonly #outlet: Outlet
  readonly #wantsState: boolean
  readonly #wantsStarts: boolean
  readonly #wantsEnds: boolean

  constructor(host: RunHost, namespace: string) {
    const { log } = host
    this.#host = host
    this.#log = log
    this.#outlet = shownOutlet(host.program, host.settings.outputKeys)
    this.#wantsState = log?.wants('state') === true
    this.#wantsStarts = log?.wants('task-start') === true
    this.#wantsEnds = log?.wants('task-end') === true
    this.#levels = namespace === '' ? [] : namespace.split(NAMESPACE_SEPARATOR)
  }

  #emit(event: RunEvent): void {
    this.#log?.emit(this.#levels, event)
  }

  /** The state as it is. */
  state(cells: Cells, checkpoint: () => CheckpointEnvelope): void {
    if (!this.#wantsState) return
    this.#emit({ type: 'state', values: readOutlet(this.#outlet, cells.channels), checkpoint })
  }

  /** The state, when a superstep changed what is shown of it. */
  output(cells: Cells, { written }: Applied, checkpoint: () => CheckpointEnvelope): void {
    if (!this.#wantsState) return
    for (const index of this.#outlet.indexes) if (written.has(index)) return this.state(cells, checkpoint)
  }

  pause(interrupts: readonly Interrupt[]): void {
    this.#emit({ type: 'pause', interrupts })
  }

  started(task: Task): void {
    if (task.status !== 'waiting' || task.node.hidden || !this.#wantsStarts) return
    const { tags, metadata } = this.#host.settings
    const own = { ...withoutPlace(metadata), ...task.node.metadata, ...(tags !== undefined && { tags }) }
    this.#emit({
      type: 'task-start',
      task,
      step: task.place.step,
      input: task.input,
      triggers: task.triggers,
      metadata: Object.keys(own).length > 0 ? own : undefined,
    })
  }

  ended(task: Task): void {
    if (task.node.hidden) return
    if (task.status === 'done' && !task.cached) this.#messages(task)
    if (this.#log === undefined) return
    if (task.status === 'interrupted' && !task.isCalled) this.pause(interruptsOf(task))
    if (!this.#wantsEnds) return
    this.#emit({
      type: 'task-end',
      task,
      step: task.place.step,
      writes: task.writes,
      outputChannels: this.#outlet.names,
      streamChannels: this.#host.program.streamChannels,
      cached: task.cached,
    })
  }

  #messages(task: Task): void {
    const { messages } = this.#host
    if (messages === undefined) return
    const { tags } = this.#host.settings
    const metadata = (): Record<string, unknown> => ({
      tags: [...(tags ?? []), ...(task.node.tags ?? []), `graph:step:${task.place.step}`],
      name: task.name,
      ...taskMetadata({ host: this.#host, task }),
    })
    const written = task.writes.filter(([channel]) => channel !== TASKS).map(([, value]) => value)
    messages.fromTask(task.input, written, task.namespace, metadata)
  }

  /** What a node says itself. A sign of life, too. */
  custom(context: TaskContext, type: 'custom' | 'tool', data: unknown): void {
    context.onProgress?.(false)
    if (!context.isAborted) this.#host.signals?.emit(this.#levels, { type, data })
  }

  get wantsCheckpoints(): boolean {
    return this.#log?.wants('checkpoint') === true
  }

  checkpoint(cells: Cells, report: CheckpointReport): void {
    const { thread, place, parentId, metadata, tasks, pending } = report
    const { program, parents } = this.#host
    const configOf = (id: string): Record<string, unknown> =>
      this.#configOf(checkpointConfig(thread, place.namespace, id, parents))
    const nested = (task: Task): CheckpointConfig | undefined =>
      task.node.subgraphs?.some(isGraphLike)
        ? checkpointConfig(thread, taskNamespace(place.namespace, task))
        : undefined
    this.#emit({
      type: 'checkpoint',
      step: place.step - 1,
      payload: {
        config: configOf(place.checkpointId),
        values: readChannels(program, cells.channels, program.streamChannels),
        metadata,
        next: tasks.map(({ name }) => name),
        tasks: tasks.map((task) => describeTask(task, pending, program.streamChannels, nested(task))),
        parentConfig: parentId === undefined ? undefined : configOf(parentId),
      },
    })
  }

  /** A checkpoint's config as LangGraph streams it: with what the run was told besides. */
  #configOf({ configurable }: CheckpointConfig): Record<string, unknown> {
    const { settings } = this.#host
    const shown = Object.entries(this.#host.configurable).filter(
      ([key, value]) => !key.startsWith('__') && ['string', 'number', 'boolean'].includes(typeof value),
    )
    return {
      tags: [...(settings.tags ?? [])],
      metadata: { ls_integration: 'langgraph', ...Object.fromEntries(shown), ...settings.metadata },
      recursion_limit: settings.recursionLimit,
      configurable,
    }
  }
}

/** Metadata without what says where the graph around stands: a task says that itself. */
function withoutPlace(
  metadata: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> | undefined {
  if (metadata === undefined || !('langgraph_node' in metadata)) return metadata
  return Object.fromEntries(
    Object.entries(metadata).filter(
      ([key]) => !key.startsWith('langgraph_') && !key.startsWith('checkpoint_') && key !== 'ls_integration',
    ),
  )
}

const isGraphLike = (graph: unknown): boolean =>
  (graph as { lg_is_pregel?: unknown } | null)?.lg_is_pregel === true
