import type { BaseChannel } from '../channels/index.ts'
import { INTERRUPT } from '../constants.ts'
import type { Outlet, Program } from './program.ts'
import { outletOf } from './program.ts'

/** What a thread knows between two supersteps: the channels, how often each changed, and what each node has seen. */
export interface Cells {
  readonly channels: BaseChannel[]
  /** By channel; 0 for never. */
  readonly versions: number[]
  /** By node: versions of its triggers when it last ran. */
  readonly seen: (number[] | undefined)[]
  /** By channel: versions at the last pause. */
  pauseSeen: number[] | undefined
  highest: number
  /** Versions of channels that this graph does not have; kept for a graph that does. */
  readonly foreignVersions: Readonly<Record<string, number>>
  /** As {@link foreignVersions}, for nodes. */
  readonly foreignSeen: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** What is stored of cells, besides the values. */
export interface StoredVersions {
  readonly channelVersions: Readonly<Record<string, number | string>>
  readonly versionsSeen: Readonly<Record<string, Readonly<Record<string, number | string>>>>
}

/** Cells of a thread that has nothing yet. */
export function emptyCells(program: Program): Cells {
  return {
    channels: program.prototypes.map((prototype) => prototype.fromCheckpoint()),
    versions: program.prototypes.map(() => 0),
    seen: program.nodeList.map(() => undefined),
    pauseSeen: undefined,
    highest: 0,
    foreignVersions: {},
    foreignSeen: {},
  }
}

/** Versions of other savers may be texts that begin with the number. */
const toNumber = (version: number | string | undefined): number =>
  typeof version === 'number' ? version : version === undefined ? 0 : Number.parseInt(version, 10)

/** Cells as they were stored. */
export function restoreCells(
  program: Program,
  stored: StoredVersions,
  values: Readonly<Record<string, unknown>>,
): Cells {
  const { channelVersions, versionsSeen } = stored
  const versions = program.channelNames.map((name) => toNumber(channelVersions[name]))
  const foreignVersions: Record<string, number> = {}
  for (const name of Object.keys(channelVersions)) {
    if (!program.channelIndex.has(name)) foreignVersions[name] = toNumber(channelVersions[name])
  }
  const foreignSeen: Record<string, Record<string, number>> = {}
  for (const [node, seen] of Object.entries(versionsSeen)) {
    if (node === INTERRUPT || program.nodes.has(node)) continue
    foreignSeen[node] = Object.fromEntries(Object.keys(seen).map((name) => [name, toNumber(seen[name])]))
  }
  const pause = versionsSeen[INTERRUPT]
  return {
    channels: program.prototypes.map((prototype, index) =>
      prototype.fromCheckpoint(values[program.channelNames[index] as string]),
    ),
    versions,
    seen: program.nodeList.map((node) => {
      const seen = versionsSeen[node.name]
      return seen && node.triggers.map((trigger) => toNumber(seen[trigger]))
    }),
    pauseSeen: pause && program.channelNames.map((name) => toNumber(pause[name])),
    highest: Math.max(0, ...versions, ...Object.values(foreignVersions)),
    foreignVersions,
    foreignSeen,
  }
}

/** The versions as they are stored. */
export function storeVersions(
  program: Program,
  cells: Cells,
): { channelVersions: Record<string, number>; versionsSeen: Record<string, Record<string, number>> } {
  const channelVersions: Record<string, number> = { ...cells.foreignVersions }
  for (let index = 0; index < cells.versions.length; index += 1) {
    const version = cells.versions[index] as number
    if (version > 0) channelVersions[program.channelNames[index] as string] = version
  }
  const versionsSeen: Record<string, Record<string, number>> = { ...cells.foreignSeen }
  for (const node of program.nodeList) {
    const seen = cells.seen[node.index]
    if (seen !== undefined) versionsSeen[node.name] = named(node.triggers, seen)
  }
  if (cells.pauseSeen !== undefined) versionsSeen[INTERRUPT] = named(program.channelNames, cells.pauseSeen)
  return { channelVersions, versionsSeen }
}

function named(names: readonly string[], versions: readonly number[]): Record<string, number> {
  const record: Record<string, number> = {}
  for (let index = 0; index < names.length; index += 1) {
    const version = versions[index] as number
    if (version > 0) record[names[index] as string] = version
  }
  return record
}

/** The values of channels by name, without those that have none; or the value of one, `null` when it has none. */
export function readChannels(
  program: Program,
  channels: readonly BaseChannel[],
  select: string | readonly string[],
): unknown {
  return readOutlet(outletOf(program, select), channels)
}

/** As {@link readChannels}, of names that were looked up before. */
export function readOutlet({ names, indexes }: Outlet, channels: readonly BaseChannel[]): unknown {
  if (typeof names === 'string') {
    const channel = channels[indexes[0] as number]
    return channel?.isAvailable() ? channel.get() : null
  }
  const values: Record<string, unknown> = {}
  for (let position = 0; position < names.length; position += 1) {
    const channel = channels[indexes[position] as number]
    if (channel?.isAvailable()) values[names[position] as string] = channel.get()
  }
  return values
}
