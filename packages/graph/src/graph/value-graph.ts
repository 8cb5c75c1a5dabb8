import type { BaseChannel } from '../channels/index.ts'
import { EphemeralValue } from '../channels/index.ts'
import { END, NAMESPACE_END, NAMESPACE_SEPARATOR, START } from '../constants.ts'
import type { NodeInit, WriteSink } from '../runtime/program.ts'
import { defineProgram } from '../runtime/program.ts'
import { messagesStateReducer } from '../state/messages.ts'
import type { Messages } from '../state/messages.ts'
import type { Message } from '../state/message.ts'
import type { BuilderBranch } from './builder.ts'
import { StateGraph } from './builder.ts'
import type { Invocable, Work } from './action.ts'
import { nameOfAction, toWork } from './action.ts'
import { describeGraph } from './draw/describe.ts'
import type { DrawableGraph } from './draw/drawable.ts'
import type { PregelInit } from './pregel.ts'
import { Pregel } from './pregel.ts'
import type { CompileOptions } from './types.ts'
import { validateGraph } from './validate.ts'

/** What a node of a graph without a state does: takes what the node before it gave. */
type ValueAction = ((input: never, runtime: never) => unknown) | Invocable

/** A {@link Graph} that is ready to run. */
export class CompiledGraph extends Pregel {
  override readonly lc_graph_name: string = 'CompiledGraph'
  readonly builder: Graph

  constructor(builder: Graph, init: PregelInit) {
    super(init)
    this.builder = builder
  }

  /** The graph as nodes and edges, to be drawn. */
  getGraph(): DrawableGraph {
    const { nodes, edges, branches } = this.builder
    const { interruptBefore, interruptAfter } = this
    const described = Object.entries(nodes).map(([name, { work }]) => [
      name,
      { runnable: work, ends: undefined, endLabels: undefined, metadata: undefined },
    ])
    return describeGraph(
      { nodes: Object.fromEntries(described), edges, waitingEdges: [], branches },
      { interruptBefore, interruptAfter },
    )
  }

  /** As {@link getGraph}. */
  async getGraphAsync(): Promise<DrawableGraph> {
    return this.getGraph()
  }
}

/** A graph without a state: each node is given what the one before it returned. */
export class Graph {
  readonly nodes: Record<string, { readonly work: Work; readonly ends: undefined }> = {}
  readonly edges: Set<readonly [start: string, end: string]> = new Set()
  readonly branches: Record<string, Record<string, BuilderBranch>> = {}

  get allEdges(): Set<readonly [start: string, end: string]> {
    return this.edges
  }

  addNode(key: string, action: ValueAction): this {
    for (const reserved of [NAMESPACE_SEPARATOR, NAMESPACE_END]) {
      if (key.includes(reserved)) {
        throw new Error(`"${reserved}" is a reserved character and is not allowed in node names.`)
      }
    }
    if (Object.hasOwn(this.nodes, key)) throw new Error(`Node \`${key}\` already present.`)
    if (key === END || key === START) throw new Error(`Node \`${key}\` is reserved.`)
    this.nodes[key] = { work: toWork(action), ends: undefined }
    return this
  }

  addEdge(start: string, end: string): this {
    if (start === END) throw new Error('END cannot be a start node')
    if (end === START) throw new Error('START cannot be an end node')
    if ([...this.edges].some(([known]) => known === start)) {
      throw new Error(`Already found path for ${start}. For multiple edges, use StateGraph.`)
    }
    this.edges.add([start, end])
    return this
  }

  addConditionalEdges(
    source: string,
    path: ValueAction,
    pathMap?: readonly string[] | Readonly<Record<string, string>>,
  ): this {
    const name = nameOfAction(path)
    if (this.branches[source]?.[name] !== undefined) {
      throw new Error(`Condition \`${name}\` already present for node \`${source}\``)
    }
    const ends = Array.isArray(pathMap)
      ? Object.fromEntries((pathMap as readonly string[]).map((end) => [end, end]))
      : (pathMap as Readonly<Record<string, string>> | undefined)
    ;(this.branches[source] ??= {})[name] = { path: toWork(path), ends }
    return this
  }

  /** @deprecated `addEdge(START, key)` says the same. */
  setEntryPoint(key: string): this {
    return this.addEdge(START, key)
  }

  /** @deprecated `addEdge(key, END)` says the same. */
  setFinishPoint(key: string): this {
    return this.addEdge(key, END)
  }

  compile(options: CompileOptions = {}): CompiledGraph {
    validateGraph(this, [])
    const names = Object.keys(this.nodes)
    const channels: Record<string, BaseChannel> = {
      [START]: new EphemeralValue(),
      [END]: new EphemeralValue(false),
    }
    for (const name of names) channels[inbox(name)] = new EphemeralValue(false)
    const node = (name: string, reads: string, work?: Work): NodeInit => ({
      name,
      triggers: [reads],
      reads: { type: 'value', channels: [reads] },
      run: work,
      runsResult: true,
      write: (output, sink) => this.#handOn(name, output, sink),
      hidden: name === START,
    })
    return new CompiledGraph(this, {
      program: defineProgram({
        name: options.name ?? 'LangGraph',
        channels,
        nodes: [
          node(START, START),
          ...Object.entries(this.nodes).map(([name, { work }]) => node(name, inbox(name), work)),
        ],
        inputChannels: START,
        outputChannels: END,
        streamChannels: END,
      }),
      checkpointer: options.checkpointer,
      store: options.store,
      cache: options.cache,
      interruptBefore: options.interruptBefore,
      interruptAfter: options.interruptAfter,
      streamMode: 'values',
    })
  }

  #handOn(name: string, output: unknown, sink: WriteSink): void | Promise<void> {
    for (const [start, end] of this.edges)
      if (start === name) sink.push(end === END ? END : inbox(end), output)
    const asked = Object.values(this.branches[name] ?? {}).map(({ path, ends }) => {
      const answer = path(output, sink.runtime as never)
      const go = (answers: unknown): void => {
        for (const item of Array.isArray(answers) ? (answers as unknown[]) : [answers]) {
          const end = ends === undefined ? item : ends[String(item)]
          if (typeof end !== 'string')
            throw new Error('Branch condition returned unknown or null destination')
          sink.push(end === END ? END : inbox(end), output)
        }
      }
      return answer instanceof Promise ? answer.then(go) : go(answer)
    })
    const pending = asked.filter((branch) => branch instanceof Promise)
    return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined)
  }
}

const inbox = (name: string): string => `to:${name}`

/**
 * A graph whose whole state is a list of messages.
 * @deprecated `new StateGraph(MessagesAnnotation)` has room for more.
 */
export class MessageGraph extends StateGraph<Message[]> {
  constructor() {
    super({
      channels: {
        __root__: {
          reducer: (left: Messages, right: Messages) => messagesStateReducer(left, right),
          default: () => [],
        },
      },
    })
  }
}
