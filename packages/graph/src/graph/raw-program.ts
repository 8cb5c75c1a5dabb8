import type { BaseChannel } from '../channels/index.ts'
import { TASKS } from '../constants.ts'
import { GraphValueError } from '../errors.ts'
import type { Program, Selection } from '../runtime/program.ts'
import { defineProgram } from '../runtime/program.ts'
import type { PregelNode } from './pregel-node.ts'
import { toNodeInit } from './pregel-node.ts'

/** A graph by its channels and by the nodes that read and write them. */
export interface RawGraph {
  readonly nodes: Readonly<Record<string, PregelNode>>
  readonly channels: Readonly<Record<string, BaseChannel>>
  /** Where input goes: one channel takes it whole, a list takes an object by key. */
  readonly inputChannels: string | readonly string[]
  /** What `invoke` returns: the value of one channel, or an object. */
  readonly outputChannels: string | readonly string[]
  /** What streams and snapshots show; all channels. */
  readonly streamChannels?: string | readonly string[] | undefined
  readonly interruptBefore?: Selection | undefined
  readonly interruptAfter?: Selection | undefined
  readonly name?: string | undefined
}

/** @throws {GraphValueError} for a name of a channel or a node that there is not, or an input that triggers nothing */
export function rawProgram(graph: RawGraph): Program {
  checkNames(graph)
  const { inputChannels, outputChannels, streamChannels, name = 'LangGraph' } = graph
  return defineProgram({
    name,
    channels: graph.channels,
    nodes: Object.entries(graph.nodes).map(([node, declared]) => toNodeInit(node, declared)),
    inputChannels,
    outputChannels,
    streamChannels: streamChannels ?? [...Object.keys(graph.channels), TASKS],
  })
}

const listOf = (names: string | readonly string[] | undefined): readonly string[] =>
  typeof names === 'string' ? [names] : (names ?? [])

function checkNames(graph: RawGraph): void {
  const { nodes, channels } = graph
  if (channels === undefined) throw new GraphValueError('The graph has no channels: give it `channels`.')
  const triggers = Object.values(nodes).flatMap((node) => node.triggers)
  const reads: readonly (readonly [what: string, names: readonly string[]])[] = [
    ['Subscribed channel', triggers],
    ['Output channel', listOf(graph.outputChannels)],
    ['Stream channel', listOf(graph.streamChannels)],
  ]
  for (const [what, names] of reads) {
    for (const name of names) {
      if (!Object.hasOwn(channels, name))
        throw new GraphValueError(`${what} "${name}" is not in \`channels\`.`)
    }
  }
  const inputs = listOf(graph.inputChannels)
  if (!inputs.some((name) => triggers.includes(name))) {
    throw new GraphValueError(
      `No node subscribes to an input channel: ${inputs.join(', ') || 'there is none'}.`,
    )
  }
  for (const selection of [graph.interruptBefore, graph.interruptAfter]) {
    for (const name of selection === '*' ? [] : (selection ?? [])) {
      if (!Object.hasOwn(nodes, name)) throw new GraphValueError(`There is no node "${name}" to pause at.`)
    }
  }
}
