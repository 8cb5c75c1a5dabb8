import { newCheckpointId } from '../checkpoint/checkpoint-id.ts'
import type {
  Awaitable,
  CheckpointMetadata,
  SavedCheckpoint,
  TaskWrites,
} from '../checkpoint/checkpointer.ts'
import { BaseLangGraphError } from '../errors.ts'
import type { CheckpointEnvelope } from '../stream/events.ts'
import type { Applied } from './apply.ts'
import type { Cells } from './cells.ts'
import { emptyCells, readOutlet, restoreCells } from './cells.ts'
import type { Loaded } from './load.ts'
import type { Patience } from './patience.ts'
import { Persistence } from './persist.ts'
import type { Outlet } from './program.ts'
import { shownOutlet } from './program.ts'
import type { RunInit } from './run-init.ts'
import type { StepPlace, Task } from './task.ts'

/** Where a run stands: its state, the checkpoint that this is, and what is stored of it. */
export class Standing {
  cells: Cells
  metadata: CheckpointMetadata = { source: 'input', step: -2, parents: {} }
  /** The checkpoint that the next superstep starts from. */
  position: StepPlace
  /** The checkpoint before it. */
  parentId: string | undefined
  /** Whether there is an output: the run wrote one, or goes on from a state that has one. */
  hasOutput = false
  /** Whether the run goes on from a checkpoint that is stored. */
  isContinued = false
  readonly #init: RunInit
  readonly #patience: Patience
  readonly #outlet: Outlet
  /** The output as it was when it was last written, where it fades. */
  #lastOutput: { readonly value: unknown } | undefined
  #persistence: Persistence | undefined

  constructor(init: RunInit, patience: Patience) {
    this.#init = init
    this.#patience = patience
    const { program, settings } = init
    this.#outlet = shownOutlet(program, settings.outputKeys)
    this.cells = emptyCells(init.program)
    this.position = new Position(-1, init.place.namespace)
  }

  /** Takes the place that the thread was left at. @throws {BaseLangGraphError} when it lacks the asked checkpoint */
  open({ saver, place, saved, head }: Loaded): void {
    const { program } = this.#init
    this.#persistence = new Persistence(program, this.#patience.over(saver), place, saved, head)
    if (saved === undefined) {
      const { checkpointId } = this.#init.place
      if (checkpointId !== undefined && place.namespace === '')
        throw unknownCheckpoint(place.thread, checkpointId)
      return
    }
    this.isContinued = true
    this.metadata = saved.metadata
    this.position = new Position((saved.metadata.step ?? -2) + 1, place.namespace, saved.checkpoint.id)
    this.parentId = saved.parentId
    this.cells = restoreCells(program, saved.checkpoint, this.#migrated(saved))
  }

  #migrated(saved: SavedCheckpoint): Record<string, unknown> {
    const { migrate, version } = this.#init
    if (migrate === undefined || saved.metadata['graph_version'] === version) return saved.values
    return migrate({ ...saved.values }, saved.metadata)
  }

  get isStored(): boolean {
    return this.#persistence !== undefined
  }

  /** Whether anything was ever written to the state. */
  get hasHistory(): boolean {
    return this.cells.highest > 0
  }

  /** Notes what changed, for the next commit. */
  note(applied: Applied): void {
    this.#persistence?.note(applied)
    const { indexes, fades } = this.#outlet
    if (this.hasOutput && !fades) return
    if (!indexes.some((index) => applied.written.has(index))) return
    this.hasOutput = true
    if (fades) this.#lastOutput = { value: this.#readOutput() }
  }

  #readOutput(): unknown {
    return readOutlet(this.#outlet, this.cells.channels)
  }

  /** Makes what was noted the next checkpoint. A promise comes back only where storage is to be waited for. */
  commit(source: NonNullable<CheckpointMetadata['source']>, unsaved: readonly Task[]): Awaitable<void> {
    const { place, version, settings } = this.#init
    this.metadata = {
      source,
      step: this.position.step,
      parents: place.parents,
      ...(version !== undefined && { graph_version: version }),
    }
    this.parentId = this.#persistence?.parentId
    this.position = new Position(this.position.step + 1, place.namespace)
    if (settings.durability === 'exit') return undefined
    return this.store(unsaved, settings.durability === 'sync')
  }

  /** Stores the checkpoint that the run stands at. @param wait until it is stored, not only read */
  store(unsaved: readonly Task[], wait: boolean): Awaitable<void> {
    if (this.#persistence === undefined) return undefined
    const note = {
      id: this.position.checkpointId,
      nowMs: this.#init.timing.now(),
      metadata: this.metadata,
    }
    return this.#persistence.commit(this.cells, note, unsaved, wait)
  }

  /** Whether writes are kept before their superstep is over. */
  get keepsEarly(): boolean {
    return this.#persistence !== undefined && this.#init.settings.durability !== 'exit'
  }

  /** Keeps what tasks wrote beside the checkpoint that they started from. */
  keep(writes: readonly TaskWrites[]): void {
    this.#persistence?.addWrites(writes)
  }

  /** Done when everything is stored. @throws what the saver threw. */
  settled(): Awaitable<void> {
    return this.#persistence?.settled()
  }

  /** What the run gives back, as things stand. */
  output(): unknown {
    if (typeof this.#outlet.names === 'string' && !this.hasOutput) return undefined
    return this.#lastOutput === undefined ? this.#readOutput() : this.#lastOutput.value
  }

  /** The checkpoint as streams name it. */
  readonly envelope = (): CheckpointEnvelope => ({
    id: this.position.checkpointId,
    ...(this.parentId !== undefined && { parent_id: this.parentId }),
    step: this.metadata.step,
    source: this.metadata.source,
  })
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

function unknownCheckpoint(thread: string, checkpointId: string): Error {
  return new BaseLangGraphError(`Thread "${thread}" has no checkpoint "${checkpointId}".`, {
    lc_error_code: 'checkpoint_not_found',
  })
}
