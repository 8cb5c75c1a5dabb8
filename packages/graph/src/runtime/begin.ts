import type { SavedCheckpoint } from '../checkpoint/checkpointer.ts'
import { INPUT, NAMESPACE_END } from '../constants.ts'
import type { Command } from '../control.ts'
import { isCommand } from '../control.ts'
import { EmptyInputError, GraphValueError } from '../errors.ts'
import type { Answers } from './answers.ts'
import { collectAnswers } from './answers.ts'
import type { Writer } from './apply.ts'
import { applyWrites } from './apply.ts'
import type { TaskContext } from './context.ts'
import type { Replay } from './host.ts'
import { commandWrites, inputWrites } from './input.ts'
import type { Loaded } from './load.ts'
import { orphanedTriggers, planTasks } from './plan.ts'
import { Recollection } from './recollection.ts'
import type { RunInit, RunPlace } from './run-init.ts'
import type { Standing } from './standing.ts'
import type { Task, Write } from './task.ts'

/** How a run begins. */
export interface Beginning {
  /** Whether the first superstep continues one that an earlier run left. */
  readonly isResuming: boolean
  /** What that run left of it. */
  readonly earlier: Recollection | undefined
  readonly answers: Answers | undefined
  /** Set when subgraphs go back with the run. */
  readonly replay?: Replay | undefined
  /** Channels that the input wrote. */
  readonly updated?: readonly number[] | undefined
  /** What made the checkpoint that the run begins with; none where it goes on from one that is stored. */
  readonly commits?: 'input' | 'fork' | undefined
  /** Whether the state is shown before the first superstep. */
  readonly showsState: boolean
}

/** A run on its thread, before it has begun. */
interface Start {
  readonly init: RunInit
  readonly standing: Standing
  readonly loaded: Loaded | undefined
  readonly earlier: Recollection | undefined
  readonly answers: Answers | undefined
}

/**
 * Takes the input: new input, a command, or the wish to go on. What it brings is applied to the state; storing that is
 * left to the caller.
 * @throws {GraphValueError} when an answer is for a thread that waits for none, or the thread is of another graph
 * @throws {EmptyInputError} when there is nothing to do
 */
export function beginRun(
  init: RunInit,
  standing: Standing,
  loaded: Loaded | undefined,
  input: unknown,
): Beginning {
  const { parent, place, program } = init
  const command = isCommand(input) ? input : undefined
  const answers =
    parent === undefined ? collectAnswers(command, loaded?.saved?.pendingWrites ?? []) : undefined
  if (answers !== undefined && place.saver === undefined) {
    throw new Error('Cannot use Command(resume=...) without checkpointer')
  }
  const start = { init, standing, loaded, answers, earlier: leftBehind(place, loaded?.saved) }
  const early = earlyWrites(start, command)
  if (early.length > 0) standing.note(applyWrites(program, standing.cells, [inputWriter(early)]))
  if (goesOn(start, input)) return goOn(start)
  return command === undefined ? startFromInput(start, input) : startFromCommand(start)
}

/** What an earlier run left of the superstep that is continued. */
function leftBehind(
  { namespace, checkpointMap }: RunPlace,
  saved: SavedCheckpoint | undefined,
): Recollection | undefined {
  const isWithin = namespace === '' && checkpointMap !== undefined
  if (saved === undefined || saved.pendingWrites.length === 0 || isWithin) return undefined
  return new Recollection(saved.pendingWrites)
}

/** Writes that count before the run goes on: an earlier run's first, then those of the command. */
function earlyWrites(start: Start, command: Command | undefined): Write[] {
  const kept = start.earlier?.early ?? []
  if (command === undefined) return kept
  const brought = commandWrites(command, start.init.program)
  if (brought.length === 0) {
    if (start.answers === undefined) throw new EmptyInputError('Received empty Command input')
    refuseIdleAnswer(start)
  }
  return [...kept, ...brought]
}

/** An answer goes to a thread that waits: another one is told so, instead of being left as it is in silence. */
function refuseIdleAnswer({ init, standing, loaded, earlier }: Start): void {
  const { program, place } = init
  if (loaded?.saved === undefined) {
    throw new GraphValueError(`There is no thread "${place.thread}" that an answer could go to.`, {
      lc_error_code: 'thread_not_found',
    })
  }
  const hasEarlier = (earlier?.early.length ?? 0) > 0
  if (hasEarlier || orphanedTriggers(program, standing.cells).length > 0) return
  if (planTasks(program, standing.cells, undefined, standing.position).length > 0) return
  throw new GraphValueError(`Thread "${place.thread}" is done: it waits for no answer.`, {
    lc_error_code: 'no_pending_interrupt',
  })
}

function goesOn(start: Start, input: unknown): boolean {
  const { init, standing, loaded, answers } = start
  if (!standing.hasHistory) return false
  if (init.parent === undefined) return input == null || answers !== undefined
  if (loaded?.wentBack) return false
  return input == null || (init.parent.host.isResuming && isSameVisit(start, init.parent))
}

/**
 * Whether what a subgraph remembers is from the visit that is continued. One with a memory of its own may not have
 * begun it: what it remembers then is an earlier visit, which new input follows. A visit that somebody changed the
 * graph around during is still the same.
 */
function isSameVisit({ init: { program, place }, standing, loaded }: Start, parent: TaskContext): boolean {
  if (place.checkpointId !== undefined) return true
  const around = parent.task.place
  if (loaded?.saved?.metadata.parents?.[around.namespace] === around.checkpointId) return true
  if (!parent.host.wasChanged) return false
  return planTasks(program, standing.cells, undefined, standing.position).length > 0
}

function goOn(start: Start): Beginning {
  const { init, standing, loaded, earlier, answers } = start
  refuseOrphans(start)
  standing.cells.pauseSeen = [...standing.cells.versions]
  if (!isReplay(start)) return { isResuming: true, earlier, answers, showsState: true }
  // Going back in time: what an older run answered and asked does not count, and a branch begins.
  const { source } = standing.metadata
  const isBranch = source === 'update' || source === 'fork'
  const saved = loaded?.saved
  const before = isBranch ? saved?.parentId : saved?.checkpoint.id
  // The thread goes on from its newest checkpoint: so that answers reach the branch, its beginning has to be that.
  const isNewest = saved?.head === saved?.checkpoint.id
  const goesBackItself = init.parent === undefined || init.place.checkpointId !== undefined
  return {
    isResuming: true,
    earlier: undefined,
    answers,
    replay: goesBackItself && before !== undefined ? { before, visited: new Set() } : undefined,
    commits: isBranch && isNewest ? undefined : 'fork',
    showsState: true,
  }
}

function refuseOrphans({ init, standing }: Start): void {
  const [missing] = orphanedTriggers(init.program, standing.cells)
  if (missing === undefined) return
  throw new GraphValueError(`The thread is to go on at node "${missing}", which this graph does not have.`, {
    lc_error_code: 'graph_version_mismatch',
  })
}

/**
 * Whether the run goes on from a checkpoint that is not the newest, or was made by hand, without an answer to one of
 * its questions. The graph around a subgraph that is found by the name of its task does not branch itself: its tasks
 * keep their names.
 */
function isReplay({ init, standing, loaded, answers }: Start): boolean {
  const { checkpointId, namespace, checkpointMap } = init.place
  if (checkpointId === undefined || answers !== undefined) return false
  if (namespace === '' && checkpointMap !== undefined && namesTasks(checkpointMap)) return false
  const { source } = standing.metadata
  return loaded?.saved?.head !== checkpointId || source === 'update' || source === 'fork'
}

/** Whether a place among these is named after a task, as those of subgraphs without a memory of their own are. */
function namesTasks(checkpointMap: Readonly<Record<string, string>>): boolean {
  return Object.keys(checkpointMap).some((namespace) => namespace.includes(NAMESPACE_END))
}

function startFromCommand({ standing, answers }: Start): Beginning {
  standing.cells.pauseSeen = [...standing.cells.versions]
  return { isResuming: false, earlier: undefined, answers, commits: 'input', showsState: true }
}

function startFromInput({ init, standing, earlier, answers }: Start, input: unknown): Beginning {
  const { program, parent } = init
  const writes = inputWrites(program.inputChannels, input)
  if (writes.length === 0) {
    if (parent !== undefined) return { isResuming: false, earlier, answers, showsState: false }
    throw new EmptyInputError(
      `Received no input writes for ${JSON.stringify(program.inputChannels, null, 2)}`,
    )
  }
  // What an earlier run left undone is given up: the input starts anew.
  const discarded = standing.hasHistory
    ? planTasks(program, standing.cells, undefined, standing.position)
    : []
  const writers: Writer[] = [...discarded.map(withoutWrites), inputWriter(writes)]
  const applied = applyWrites(program, standing.cells, writers)
  standing.note(applied)
  return {
    isResuming: false,
    earlier: undefined,
    answers,
    updated: applied.updated,
    commits: 'input',
    showsState: false,
  }
}

const inputWriter = (writes: readonly Write[]): Writer => ({ name: INPUT, writes, triggers: [] })

const withoutWrites = ({ name, triggers, node }: Task): Writer => ({ name, triggers, node, writes: [] })
