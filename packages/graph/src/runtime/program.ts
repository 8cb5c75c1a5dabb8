import type { BaseChannel } from '../channels/index.ts'
import { Topic } from '../channels/index.ts'
import { TASKS } from '../constants.ts'
import type { TimeoutPolicy } from '../control.ts'
import type { TracePolicy } from './trace-policy.ts'
import type { CachePolicy, RetryPolicy } from './policies.ts'

/** Where a node's writers put what they write, and what they may look at. */
export interface WriteSink {
  push(channel: string, value: unknown): void
  hasChannel(name: string): boolean
  /** The channels with the node's own writes applied: an object for a list of names, else one value. */
  readFresh(select: string | readonly string[]): unknown
  /** What the node was given as its second argument. */
  readonly runtime: unknown
  /** Does a part of the node's work, of which LangChain's handlers are told; left out where there is no run. */
  tellOf?<Result>(input: unknown, work: () => Result): Result
}

/** Which channels a node is given: as an object by key, or the first of a list that has a value. */
export type Reads =
  | { readonly type: 'object'; readonly keys: readonly (readonly [key: string, channel: string])[] }
  | { readonly type: 'value'; readonly channels: readonly string[] }

/** A node as it is declared to the runtime. */
export interface NodeInit {
  readonly name: string
  /** Channels that make it run when they change. */
  readonly triggers: readonly string[]
  readonly reads: Reads
  readonly mapper?: ((input: unknown) => unknown) | undefined
  /** Its work; left out, the input is the output. */
  readonly run?: ((input: unknown, runtime: never, context?: never) => unknown) | undefined
  /** Whether a runnable that it returns is to be run on its input, as LangChain's functions do. */
  readonly runsResult?: boolean | undefined
  /** Turns the output into writes. */
  readonly write: (output: unknown, sink: WriteSink) => void | Promise<void>
  /** Whether streams leave it out. */
  readonly hidden?: boolean | undefined
  readonly tags?: readonly string[] | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  readonly tracePolicy?: TracePolicy | undefined
  readonly retry?: RetryPolicy | undefined
  readonly cache?: CachePolicy | undefined
  readonly timeout?: TimeoutPolicy | undefined
  /** The node that deals with its failure. */
  readonly errorHandler?: string | undefined
  /** Graphs that it calls, for those who look for them. */
  readonly subgraphs?: readonly unknown[] | undefined
}

/** A node with its triggers resolved. */
export interface NodeSpec extends NodeInit {
  /** Its position among the nodes. */
  readonly index: number
  readonly triggerIndexes: readonly number[]
  /** Positions of the channels that it reads, −1 where there is none. */
  readonly readIndexes: readonly number[]
}

/** All names, or some. */
export type Selection = '*' | readonly string[]

/** Channels that are shown to the outside. */
export interface Outlet {
  readonly names: string | readonly string[]
  readonly indexes: readonly number[]
  /** Whether one of them may be empty again before the run is over. */
  readonly fades: boolean
}

/** A graph as the runtime executes it. Immutable; shared by all its runs. */
export interface Program {
  readonly name: string
  readonly channelNames: readonly string[]
  readonly channelIndex: ReadonlyMap<string, number>
  readonly prototypes: readonly BaseChannel[]
  readonly nodes: ReadonlyMap<string, NodeSpec>
  readonly nodeList: readonly NodeSpec[]
  /** By channel: the nodes that it triggers. */
  readonly subscribers: readonly (readonly NodeSpec[])[]
  /** Channels that change when a superstep passes without a write. */
  readonly transient: readonly number[]
  /** Channels that wait for the finish. */
  readonly deferred: readonly number[]
  readonly tasksIndex: number
  /** Names of channels that are never stored. */
  readonly untracked: ReadonlySet<string>
  readonly inputChannels: string | readonly string[]
  /** What `invoke` returns. */
  readonly outputChannels: string | readonly string[]
  readonly output: Outlet
  /** What snapshots show. */
  readonly streamChannels: string | readonly string[]
}

/** A graph as it is declared to the runtime. */
export interface ProgramInit {
  readonly name: string
  readonly channels: Readonly<Record<string, BaseChannel>>
  readonly nodes: readonly NodeInit[]
  readonly inputChannels: string | readonly string[]
  readonly outputChannels: string | readonly string[]
  readonly streamChannels?: string | readonly string[] | undefined
}

/** Resolves names to positions once, so that no superstep has to. */
export function defineProgram(init: ProgramInit): Program {
  const channels: Record<string, BaseChannel> = { ...init.channels }
  channels[TASKS] ??= new Topic<unknown>() as BaseChannel
  const channelNames = Object.keys(channels)
  const channelIndex = new Map(channelNames.map((name, index) => [name, index]))
  const indexOf = (name: string): number => channelIndex.get(name) ?? -1
  const nodeList = init.nodes.map((node, index): NodeSpec => {
    const read =
      node.reads.type === 'object' ? node.reads.keys.map(([, channel]) => channel) : node.reads.channels
    return { ...node, index, triggerIndexes: node.triggers.map(indexOf), readIndexes: read.map(indexOf) }
  })
  const prototypes = channelNames.map((name) => channels[name] as BaseChannel)
  const { outputChannels } = init
  return {
    name: init.name,
    channelNames,
    channelIndex,
    prototypes,
    nodes: new Map(nodeList.map((node) => [node.name, node])),
    nodeList,
    subscribers: channelNames.map((_name, index) =>
      nodeList.filter((node) => node.triggerIndexes.includes(index)),
    ),
    transient: positions(prototypes, (channel) => channel.isTransient),
    deferred: positions(prototypes, (channel) => channel.isDeferred),
    tasksIndex: indexOf(TASKS),
    untracked: new Set(channelNames.filter((_name, index) => !prototypes[index]?.isTracked)),
    inputChannels: init.inputChannels,
    outputChannels,
    output: outletOf({ channelIndex, prototypes }, outputChannels),
    streamChannels: init.streamChannels ?? outputChannels,
  }
}

/** Resolves the names of channels that are shown. */
export function outletOf(
  { channelIndex, prototypes }: Pick<Program, 'channelIndex' | 'prototypes'>,
  names: string | readonly string[],
): Outlet {
  const indexes = (typeof names === 'string' ? [names] : names).map((name) => channelIndex.get(name) ?? -1)
  return { names, indexes, fades: indexes.some((index) => prototypes[index]?.isTransient) }
}

/** What a run shows: what it was asked for, or its output. */
export function shownOutlet(program: Program, asked: string | readonly string[] | undefined): Outlet {
  return asked === undefined ? program.output : outletOf(program, asked)
}

function positions(channels: readonly BaseChannel[], test: (channel: BaseChannel) => boolean): number[] {
  return channels.flatMap((channel, index) => (test(channel) ? [index] : []))
}
