import type { ChannelChange, CheckpointMetadata, SavedCheckpoint } from '../checkpoint/checkpointer.ts'
import { newCheckpointId } from '../checkpoint/checkpoint-id.ts'
import { COPY, END, INPUT, INTERRUPT, PUSH } from '../constants.ts'
import { isSend } from '../control.ts'
import { InvalidUpdateError } from '../errors.ts'
import type { Writer } from '../runtime/apply.ts'
import { applyWrites, readWith } from '../runtime/apply.ts'
import type { Cells } from '../runtime/cells.ts'
import { emptyCells, restoreCells } from '../runtime/cells.ts'
import type { CheckpointConfig } from '../runtime/describe.ts'
import { checkpointConfig } from '../runtime/describe.ts'
import { taskId } from '../runtime/ids.ts'
import { inputWrites } from '../runtime/input.ts'
import { Persistence, storedWrites } from '../runtime/persist.ts'
import { planTasks } from '../runtime/plan.ts'
import type { NodeSpec, Program, WriteSink } from '../runtime/program.ts'
import type { Write } from '../runtime/task.ts'
import { inWriteOrder } from '../runtime/task.ts'
import type { ThreadPlace } from './snapshot.ts'
import { openThread } from './snapshot.ts'

/** One update of a superstep: values as if a node had returned them. */
export interface StateUpdate {
  readonly values?: unknown
  /** The node; `END` with `null` gives up what is due, `__input__` is new input, `__copy__` copies the checkpoint. */
  readonly asNode?: string | undefined
  /** Makes the update the result of a task that is due. */
  readonly taskId?: string | undefined
}

/** What an update is made with. */
export interface UpdateSetting {
  readonly program: Program
  readonly place: ThreadPlace
  readonly nowMs: number
  /** Given to conditions as their second argument. */
  readonly runtime: unknown
}

/**
 * Writes to a thread as if nodes had, in one superstep. @returns the config of the new checkpoint.
 * @throws {InvalidUpdateError} when it is not clear which node the update is from, or there is no such node
 */
export async function updateThread(
  setting: UpdateSetting,
  updates: readonly StateUpdate[],
): Promise<CheckpointConfig> {
  const { saver, thread, namespace, checkpointId } = setting.place
  const saved = await saver.load({ thread, namespace }, checkpointId)
  const [first] = updates as readonly [StateUpdate]
  if (first.values == null && first.asNode === undefined) {
    refuseSeveral(updates, 'Cannot create empty checkpoint with multiple updates')
    return commit(setting, saved, cellsOf(setting, saved), [], 'update')
  }
  if (first.values === null && first.asNode === END) {
    refuseSeveral(updates, 'Cannot apply multiple updates when clearing state')
    return clearTasks(setting, saved)
  }
  if (first.asNode === COPY) {
    refuseSeveral(updates, 'Cannot copy checkpoint with multiple updates')
    return copyCheckpoint(setting, saved, first.values)
  }
  if (first.asNode === INPUT) {
    refuseSeveral(updates, 'Cannot apply multiple updates when updating as input')
    return updateAsInput(setting, saved, first.values)
  }
  return updateAsNodes(setting, saved, updates)
}

function refuseSeveral(updates: readonly StateUpdate[], message: string): void {
  if (updates.length > 1) throw new InvalidUpdateError(message)
}

function cellsOf({ program }: UpdateSetting, saved: SavedCheckpoint | undefined): Cells {
  return saved === undefined ? emptyCells(program) : restoreCells(program, saved.checkpoint, saved.values)
}

/** Applies writes and stores the result as the next checkpoint. */
async function commit(
  { program, place, nowMs }: UpdateSetting,
  saved: SavedCheckpoint | undefined,
  cells: Cells,
  rounds: readonly (readonly Writer[])[],
  source: NonNullable<CheckpointMetadata['source']>,
  step: number = (saved?.metadata.step ?? -1) + 1,
): Promise<CheckpointConfig> {
  const { saver, thread, namespace } = place
  const persistence = new Persistence(program, saver, { thread, namespace }, saved)
  for (const writers of rounds) persistence.note(applyWrites(program, cells, writers))
  const parents = saved?.metadata.parents ?? {}
  const id = newCheckpointId()
  await persistence.commit(cells, { id, nowMs, metadata: { source, step, parents } }, [], true)
  return checkpointConfig(thread, namespace, id, parents)
}

/** Gives up what is due; what finished tasks wrote counts. */
async function clearTasks(
  setting: UpdateSetting,
  saved: SavedCheckpoint | undefined,
): Promise<CheckpointConfig> {
  if (saved === undefined) return commit(setting, saved, cellsOf(setting, saved), [], 'update')
  const { tasks } = openThread(setting.program, saved, true)
  return commit(setting, saved, cellsOf(setting, saved), [inWriteOrder(tasks)], 'update')
}

async function updateAsInput(
  setting: UpdateSetting,
  saved: SavedCheckpoint | undefined,
  values: unknown,
): Promise<CheckpointConfig> {
  const { program, place } = setting
  const writes = inputWrites(program.inputChannels, values)
  if (writes.length === 0) {
    throw new InvalidUpdateError(
      `Received no input writes for ${JSON.stringify(program.inputChannels, null, 2)}`,
    )
  }
  const step = saved?.metadata.step === undefined ? -1 : saved.metadata.step + 1
  const writer: Writer = { name: INPUT, writes, triggers: [] }
  const config = await commit(setting, saved, cellsOf(setting, saved), [[writer]], 'input', step)
  const id = config.configurable.checkpoint_id as string
  const { saver, thread, namespace } = place
  await saver.addWrites({ thread, namespace }, id, [
    { taskId: taskId(`${INPUT} ${saved?.checkpoint.id ?? ''}`), writes: storedWrites(program, writes) },
  ])
  return config
}

/** A sibling of a checkpoint with the same values; updates in the values are applied to it in the same go. */
async function copyCheckpoint(
  setting: UpdateSetting,
  saved: SavedCheckpoint | undefined,
  values: unknown,
): Promise<CheckpointConfig> {
  if (saved === undefined) throw new InvalidUpdateError('Cannot copy a non-existent checkpoint')
  const { place, nowMs, program } = setting
  const { saver, thread, namespace } = place
  const parents = saved.metadata.parents ?? {}
  const step = (saved.metadata.step ?? -1) + 1
  const id = newCheckpointId()
  const parent =
    saved.parentId === undefined ? undefined : await saver.load({ thread, namespace }, saved.parentId)
  await saver.commit({
    thread,
    namespace,
    checkpoint: { ...saved.checkpoint, id, ts: new Date(nowMs).toISOString() },
    metadata: { source: 'fork', step, parents },
    parentId: saved.parentId,
    expectedHead: saved.head,
    changes: wholeChanges(saved.values, parent?.values ?? {}),
  })
  const config = checkpointConfig(thread, namespace, id, parents)
  if (!isListOfUpdates(values)) return config
  const copied = await saver.load({ thread, namespace }, id)
  const due =
    copied === undefined
      ? []
      : planTasks(program, cellsOf(setting, copied), undefined, {
          step: step + 1,
          namespace,
          checkpointId: id,
        })
  const updates = values.map(([update, asNode], index): StateUpdate => {
    const nth = values.slice(0, index).filter(([, other]) => other === asNode).length
    return { values: update, asNode, taskId: due.filter(({ name }) => name === asNode)[nth]?.id }
  })
  return updateThread({ ...setting, place: { ...place, checkpointId: id } }, updates)
}

const isListOfUpdates = (values: unknown): values is [values: unknown, asNode: string][] =>
  Array.isArray(values) &&
  values.length > 0 &&
  values.every((entry) => Array.isArray(entry) && entry.length === 2)

function wholeChanges(
  values: Readonly<Record<string, unknown>>,
  before: Readonly<Record<string, unknown>>,
): ChannelChange[] {
  const set = Object.entries(values).map(([channel, value]): ChannelChange =>
    Array.isArray(value) ? { type: 'list', channel, value, keep: 0 } : { type: 'value', channel, value },
  )
  const gone = Object.keys(before).filter((channel) => !Object.hasOwn(values, channel))
  return [...set, ...gone.map((channel): ChannelChange => ({ type: 'cleared', channel }))]
}

async function updateAsNodes(
  setting: UpdateSetting,
  saved: SavedCheckpoint | undefined,
  updates: readonly StateUpdate[],
): Promise<CheckpointConfig> {
  const { program, place } = setting
  const cells = cellsOf(setting, saved)
  const rounds: (readonly Writer[])[] = []
  if (saved !== undefined && place.checkpointId === undefined && saved.pendingWrites.length > 0) {
    const open = openThread(program, saved, true)
    const finished = open.tasks.filter((task) => task.writes.length > 0)
    if (finished.length > 0) rounds.push(inWriteOrder(finished))
  }
  const settled = rounds.length === 0 ? cells : cellsOf(setting, saved)
  for (const writers of rounds) applyWrites(program, settled, writers)
  const named = nameNodes(program, settled, updates)
  const writers: { readonly writer: Writer; readonly id: string }[] = []
  for (const [index, { node, values, taskId: given }] of named.entries()) {
    const writes = await writesOf(setting, settled, node, values)
    const id = given ?? taskId(`${INTERRUPT} ${saved?.checkpoint.id ?? ''} ${index}`)
    writers.push({ writer: { name: node.name, node, writes, triggers: [INTERRUPT] }, id })
  }
  if (saved !== undefined) {
    const { saver, thread, namespace } = place
    const kept = writers
      .map(({ writer, id }) => ({
        taskId: id,
        writes: storedWrites(
          program,
          writer.writes.filter(([channel]) => channel !== PUSH),
        ),
      }))
      .filter(({ writes }) => writes.length > 0)
    if (kept.length > 0) await saver.addWrites({ thread, namespace }, saved.checkpoint.id, kept)
  }
  return commit(setting, saved, cells, [...rounds, writers.map(({ writer }) => writer)], 'update')
}

/** The node of each update; of a single one it may be found out. */
function nameNodes(
  program: Program,
  cells: Cells,
  updates: readonly StateUpdate[],
): { readonly node: NodeSpec; readonly values: unknown; readonly taskId: string | undefined }[] {
  return updates.map(({ values, asNode, taskId: given }) => {
    if (asNode === undefined && updates.length > 1) {
      throw new InvalidUpdateError('"asNode" is required when applying multiple updates')
    }
    const name = asNode ?? lastWriter(program, cells)
    if (name === undefined) throw new InvalidUpdateError('Ambiguous update, specify "asNode"')
    const node = program.nodes.get(name)
    if (node === undefined) throw new InvalidUpdateError(`Node "${name}" does not exist`)
    return { node, values, taskId: given }
  })
}

/** The node that ran last; none when several did at the same time. */
function lastWriter(program: Program, cells: Cells): string | undefined {
  if (program.nodeList.length === 1) return program.nodeList[0]?.name
  let newest = 0
  let names: string[] = []
  for (const node of program.nodeList) {
    const version = Math.max(0, ...(cells.seen[node.index] ?? []))
    if (version === 0 || version < newest) continue
    names = version > newest ? [node.name] : [...names, node.name]
    newest = version
  }
  if (names.length === 1) return names[0]
  const { inputChannels } = program
  return names.length === 0 && typeof inputChannels === 'string' && program.nodes.has(inputChannels)
    ? inputChannels
    : undefined
}

async function writesOf(
  { program, runtime }: UpdateSetting,
  cells: Cells,
  node: NodeSpec,
  values: unknown,
): Promise<readonly Write[]> {
  const writes: Write[] = []
  const sink: WriteSink = {
    runtime,
    push(channel, value) {
      if (isSend(value) && !program.nodes.has(value.node)) {
        throw new InvalidUpdateError(`Invalid node name "${value.node}" in Send packet`)
      }
      writes.push([channel, value])
    },
    hasChannel: (name) => program.channelIndex.has(name),
    readFresh: (select) => readWith(program, cells, writes, select),
  }
  await node.write(values, sink)
  return writes
}
