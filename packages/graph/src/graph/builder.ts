import type { BaseChannel } from '../channels/index.ts'
import { LastValue } from '../channels/index.ts'
import { END, NAMESPACE_END, NAMESPACE_SEPARATOR, START } from '../constants.ts'
import type { TimeoutPolicy } from '../control.ts'
import { toTimeoutPolicy } from '../control.ts'
import { StateGraphInputError } from '../errors.ts'
import type { CachePolicy, RetryPolicy } from '../runtime/policies.ts'
import type { Runtime } from '../node/runtime.ts'
import type { StateInit, StateOf, StateSpec } from '../state/definition.ts'
import { isStateInit, legacyStateSpec, toStateSpec } from '../state/definition.ts'
import type { StandardSchema } from '../state/standard-schema.ts'
import { isStandardSchema } from '../state/standard-schema.ts'
import type { Invocable, Work } from './action.ts'
import { isInvocable, nameOfAction, toWork } from './action.ts'
import { compileProgram } from './compile.ts'
import { CompiledStateGraph } from './compiled.ts'
import type {
  BranchResult,
  CompileOptions,
  ErrorHandler,
  GraphContext,
  GraphInit,
  GraphInput,
  GraphOptions,
  GraphOutput,
  GraphState,
  GraphUpdate,
  LegacyGraphInit,
  NodeAction,
  NodeDefaults,
  NodeName,
  NodeOptions,
} from './types.ts'
import type { TracePolicy } from '../runtime/trace-policy.ts'
import { validateGraph } from './validate.ts'

/** A node as it was added. */
export interface BuilderNode {
  readonly work: Work
  /** What was handed to `addNode`. */
  readonly runnable: unknown
  readonly input: StateSpec
  readonly retryPolicy: RetryPolicy | undefined
  readonly cachePolicy: CachePolicy | undefined
  readonly timeout: TimeoutPolicy | undefined
  readonly errorHandler: ErrorHandler<never, unknown, never> | undefined
  readonly defer: boolean
  readonly ends: readonly string[] | undefined
  /** Labels of `ends`, where they were given as a record. */
  readonly endLabels: Readonly<Record<string, string>> | undefined
  readonly metadata: Readonly<Record<string, unknown>> | undefined
  readonly tags: readonly string[] | undefined
  readonly tracePolicy: TracePolicy | undefined
  readonly subgraphs: readonly unknown[]
}

/** A condition as it was added. */
export interface BuilderBranch {
  readonly path: Work
  /** Where its answers lead; absent when they are names of nodes themselves. */
  readonly ends: Readonly<Record<string, string>> | undefined
}

/** One node as an entry of a list: its name, what it does, its options. */
type NodeEntry<Key extends string, State, Update, Context> =
  | readonly [key: Key, action: NodeAction<State, Update, Context>]
  | readonly [
      key: Key,
      action: NodeAction<State, Update, Context>,
      options: NodeOptions<StateInit, State, Update, Context>,
    ]

/**
 * A graph whose nodes share a state: each reads it, and returns what it changes.
 *
 * @example
 * const State = Annotation.Root({ topic: Annotation<string>, joke: Annotation<string> })
 * const graph = new StateGraph(State)
 *   .addNode('tell', (state) => ({ joke: `Why did the ${state.topic} cross the road?` }))
 *   .addEdge(START, 'tell')
 *   .addEdge('tell', END)
 *   .compile()
 * await graph.invoke({ topic: 'cat' })
 */
export class StateGraph<Definition, Nodes extends string = never, Options = object> {
  readonly nodes: Record<string, BuilderNode> = {}
  readonly edges: Set<readonly [start: string, end: string]> = new Set()
  /** Edges that wait for all their sources. */
  readonly waitingEdges: Set<readonly [starts: readonly string[], end: string]> = new Set()
  /** Those of them that do with some of their sources when nothing else is left to run. */
  readonly inclusiveEdges: Set<readonly [starts: readonly string[], end: string]> = new Set()
  readonly branches: Record<string, Record<string, BuilderBranch>> = {}
  /** One prototype for each key of the state, private keys of nodes included. */
  readonly channels: Record<string, BaseChannel> = {}
  readonly stateSpec: StateSpec
  readonly inputSpec: StateSpec
  readonly outputSpec: StateSpec
  /** Whether input has its own schema, so that its rules are used and not those of the state. */
  readonly hasInputSchema: boolean
  readonly contextSchema: StandardSchema | undefined
  readonly validators: Record<string, StandardSchema> = {}
  nodeDefaults: NodeDefaults = {}
  compiled = false
  declare readonly State: GraphState<Definition>
  declare readonly Update: GraphUpdate<Definition>
  declare readonly Node: NodeAction<
    GraphState<Definition>,
    GraphUpdate<Definition>,
    GraphContext<Definition, Options>
  >

  constructor(
    state: Definition | LegacyGraphInit,
    options?: Options & GraphOptions & { readonly nodes?: readonly Nodes[] },
  ) {
    const init = readInit(state, options)
    this.stateSpec = init.state
    this.inputSpec = init.input ?? init.state
    this.hasInputSchema = init.input !== undefined
    this.outputSpec = init.output ?? init.state
    this.contextSchema = init.context
    for (const spec of [this.stateSpec, this.inputSpec, this.outputSpec]) this.addSpec(spec)
  }

  private addSpec(spec: StateSpec): void {
    for (const [key, channel] of Object.entries(spec.channels)) {
      const known = this.channels[key]
      if (known === undefined) this.channels[key] = channel
      else if (
        !known.equals(channel) &&
        !(channel instanceof LastValue) &&
        channel.lc_graph_name !== 'LastValue'
      ) {
        throw new Error(`Channel "${key}" already exists with a different type.`)
      }
    }
    for (const [key, schema] of Object.entries(spec.validators ?? {})) this.validators[key] ??= schema
  }

  /** All edges, those that wait split into one for each source. */
  get allEdges(): Set<readonly [start: string, end: string]> {
    const waiting = [...this.waitingEdges].flatMap(([starts, end]) =>
      starts.map((start) => [start, end] as const),
    )
    return new Set([...this.edges, ...waiting])
  }

  private warnIfCompiled(what: string): void {
    if (!this.compiled) return
    console.warn(
      `${what} a graph that has already been compiled. This will not be reflected in the compiled graph.`,
    )
  }

  addNode<Key extends string, Input extends StateInit>(
    key: Key,
    action: NodeAction<StateOf<Input>, GraphUpdate<Definition>, GraphContext<Definition, Options>>,
    options: NodeOptions<
      Input,
      StateOf<Input>,
      GraphUpdate<Definition>,
      GraphContext<Definition, Options>
    > & {
      readonly input: Input
    },
  ): StateGraph<Definition, Nodes | Key, Options>
  addNode<Key extends string, State = GraphState<Definition>>(
    key: Key,
    action: NodeAction<State, GraphUpdate<Definition>, GraphContext<Definition, Options>>,
    options?: NodeOptions<undefined, State, GraphUpdate<Definition>, GraphContext<Definition, Options>>,
  ): StateGraph<Definition, Nodes | Key, Options>
  addNode<Key extends string, State = GraphState<Definition>>(
    nodes: readonly NodeEntry<Key, State, GraphUpdate<Definition>, GraphContext<Definition, Options>>[],
  ): StateGraph<Definition, Nodes | Key, Options>
  addNode<Key extends string>(
    nodes: Readonly<
      Record<
        Key,
        | NodeAction<GraphState<Definition>, GraphUpdate<Definition>, GraphContext<Definition, Options>>
        | readonly [
            NodeAction<GraphState<Definition>, GraphUpdate<Definition>, GraphContext<Definition, Options>>,
            NodeOptions<
              undefined,
              GraphState<Definition>,
              GraphUpdate<Definition>,
              GraphContext<Definition, Options>
            >,
          ]
      >
    >,
  ): StateGraph<Definition, Nodes | Key, Options>
  addNode(first: unknown, action?: unknown, options?: unknown): this {
    const entries = typeof first === 'string' ? [[first, action, options] as const] : nodeEntries(first)
    if (entries.length === 0) throw new Error('No nodes provided in `addNode`')
    for (const [key, work, nodeOptions] of entries) {
      this.addOne(key, work, (nodeOptions ?? {}) as NodeOptions<StateInit>)
    }
    return this
  }

  private addOne(key: string, action: unknown, options: NodeOptions<StateInit | undefined>): void {
    if (Object.hasOwn(this.channels, key)) {
      throw new Error(
        `${key} is already being used as a state attribute (a.k.a. a channel), cannot also be used as a node name.`,
      )
    }
    for (const reserved of [NAMESPACE_SEPARATOR, NAMESPACE_END]) {
      if (key.includes(reserved)) {
        throw new Error(`"${reserved}" is a reserved character and is not allowed in node names.`)
      }
    }
    this.warnIfCompiled('Adding a node to')
    if (Object.hasOwn(this.nodes, key)) throw new Error(`Node \`${key}\` already present.`)
    if (key === END || key === START) throw new Error(`Node \`${key}\` is reserved.`)
    const input = options.input === undefined ? this.stateSpec : toStateSpec(options.input)
    this.addSpec(input)
    const ends =
      options.ends === undefined || Array.isArray(options.ends) ? options.ends : Object.keys(options.ends)
    this.nodes[key] = {
      work: toWork(action),
      runnable: action,
      input,
      retryPolicy: options.retryPolicy,
      cachePolicy: toCachePolicy(options.cachePolicy),
      timeout: toTimeoutPolicy(options.timeout),
      errorHandler: options.errorHandler as ErrorHandler<never, unknown, never> | undefined,
      defer: options.defer ?? false,
      ends: ends as readonly string[] | undefined,
      endLabels:
        options.ends === undefined || Array.isArray(options.ends)
          ? undefined
          : (options.ends as Readonly<Record<string, string>>),
      metadata: options.metadata,
      tags: options.tags,
      tracePolicy: options.tracePolicy,
      subgraphs: isGraph(action) ? [action] : (options.subgraphs ?? []),
    }
  }

  /** What nodes without a setting of their own have. Not handed on to subgraphs. */
  setNodeDefaults(defaults: NodeDefaults): this {
    this.nodeDefaults = { ...this.nodeDefaults, ...defaults }
    return this
  }

  /**
   * `end` runs after `start`; after all of them, when `start` is a list.
   * @param options `inclusive`: does with those of the list that ran, when nothing else is left to run
   */
  addEdge(
    start: NodeName<Nodes> | typeof START | readonly NodeName<Nodes>[],
    end: NodeName<Nodes> | typeof END,
    options?: { readonly inclusive?: boolean | undefined },
  ): this {
    this.warnIfCompiled('Adding an edge to')
    const inclusive = options?.inclusive ?? false
    if (Array.isArray(start)) return this.addWaitingEdge(start as readonly string[], end, inclusive)
    if (inclusive) throw new Error('The option `inclusive` requires an array of start nodes.')
    if (start === END) throw new Error('END cannot be a start node')
    if (end === START) throw new Error('START cannot be an end node')
    this.edges.add([start as string, end])
    return this
  }

  private addWaitingEdge(starts: readonly string[], end: string, inclusive: boolean): this {
    for (const start of starts) {
      if (start === END) throw new Error('END cannot be a start node')
      if (!Object.hasOwn(this.nodes, start)) throw new Error(`Need to add a node named "${start}" first`)
    }
    if (end === END) throw new Error('END cannot be an end node')
    if (!Object.hasOwn(this.nodes, end)) throw new Error(`Need to add a node named "${end}" first`)
    const edge = [[...starts], end] as const
    this.waitingEdges.add(edge)
    if (inclusive) this.inclusiveEdges.add(edge)
    return this
  }

  /**
   * After `source`, runs what `path` answers: names, `END`, `Send`s, or a list of them.
   * @param pathMap what answers stand for, or which names they may be
   */
  addConditionalEdges<State = GraphState<Definition>>(
    source:
      | NodeName<Nodes>
      | typeof START
      | {
          readonly source: NodeName<Nodes> | typeof START
          readonly path: BranchPath<State, Nodes, GraphContext<Definition, Options>>
          readonly pathMap?: BranchPathMap<Nodes> | undefined
        },
    path?: BranchPath<State, Nodes, GraphContext<Definition, Options>>,
    pathMap?: BranchPathMap<Nodes>,
  ): this {
    const options = typeof source === 'object' ? source : { source, path, pathMap }
    this.warnIfCompiled('Adding an edge to')
    const name = nameOfAction(options.path)
    const start = options.source as string
    if (this.branches[start]?.[name] !== undefined) {
      throw new Error(`Condition \`${name}\` already present for node \`${start}\``)
    }
    const ends = Array.isArray(options.pathMap)
      ? Object.fromEntries(options.pathMap.map((end: string) => [end, end]))
      : (options.pathMap as Readonly<Record<string, string>> | undefined)
    ;(this.branches[start] ??= {})[name] = { path: toWork(options.path), ends }
    return this
  }

  /** Adds nodes with an edge from each to the next. */
  addSequence<Key extends string, State = GraphState<Definition>>(
    nodes:
      | readonly NodeEntry<Key, State, GraphUpdate<Definition>, GraphContext<Definition, Options>>[]
      | Readonly<
          Record<
            Key,
            NodeAction<GraphState<Definition>, GraphUpdate<Definition>, GraphContext<Definition, Options>>
          >
        >,
  ): StateGraph<Definition, Nodes | Key, Options> {
    const entries = nodeEntries(nodes)
    if (entries.length === 0) throw new Error('Sequence requires at least one node.')
    let previous: string | undefined
    for (const [key, action, options] of entries) {
      if (Object.hasOwn(this.nodes, key)) {
        throw new Error(`Node names must be unique: node with the name "${key}" already exists.`)
      }
      this.addOne(key, action, (options ?? {}) as NodeOptions<StateInit>)
      if (previous !== undefined) this.edges.add([previous, key])
      previous = key
    }
    return this
  }

  /** @deprecated `addEdge(START, key)` says the same. */
  setEntryPoint(key: NodeName<Nodes>): this {
    return this.addEdge(START, key)
  }

  /** @deprecated `addEdge(key, END)` says the same. */
  setFinishPoint(key: NodeName<Nodes>): this {
    return this.addEdge(key, END)
  }

  /** @throws {UnreachableNodeError} and errors that name the edge or node that does not fit */
  validate(interrupt: readonly string[] = []): void {
    validateGraph(this, interrupt)
  }

  /** Checks the graph and makes it ready to run. */
  compile(
    options: CompileOptions<Nodes> = {},
  ): CompiledStateGraph<
    GraphOutput<Definition, Options>,
    GraphInput<Definition, Options>,
    Nodes,
    GraphContext<Definition, Options>
  > {
    const { interruptBefore = [], interruptAfter = [] } = options
    this.validate([
      ...(interruptBefore === '*' ? [] : (interruptBefore as readonly string[])),
      ...(interruptAfter === '*' ? [] : (interruptAfter as readonly string[])),
    ])
    this.compiled = true
    const program = compileProgram(this, options.name ?? 'LangGraph')
    return new CompiledStateGraph({ builder: this, program, options: options as CompileOptions })
  }
}

/** Texts are taken as they are, since an inferred name is often no more than that. */
type Answer<Nodes extends string> = BranchResult<Nodes> | string | string[]

/** What decides where to go. */
type BranchPath<State, Nodes extends string, Context> =
  | ((state: State, runtime: Runtime<Context>) => Answer<Nodes> | Promise<Answer<Nodes>>)
  | Invocable

/** What answers of a condition stand for. */
type BranchPathMap<Nodes extends string> =
  | Readonly<Record<string, NodeName<Nodes> | typeof END>>
  | readonly (NodeName<Nodes> | typeof END)[]

/** Whether something is a compiled graph, of this package or of a copy. */
function isGraph(value: unknown): value is Invocable & { readonly lg_is_pregel: true } {
  return isInvocable(value) && (value as { lg_is_pregel?: unknown }).lg_is_pregel === true
}

function nodeEntries(nodes: unknown): (readonly [key: string, action: unknown, options?: unknown])[] {
  if (Array.isArray(nodes)) return nodes as [string, unknown, unknown?][]
  return Object.entries(nodes as object).map(([key, entry]) =>
    Array.isArray(entry) ? [key, entry[0] as unknown, entry[1] as unknown] : [key, entry as unknown],
  )
}

function toCachePolicy(policy: CachePolicy | boolean | undefined): CachePolicy | undefined {
  if (typeof policy !== 'boolean') return policy
  return policy ? {} : undefined
}

interface ReadInit {
  readonly state: StateSpec
  readonly input: StateSpec | undefined
  readonly output: StateSpec | undefined
  readonly context: StandardSchema | undefined
}

/** All ways to say what a graph's state is, as one. */
function readInit(state: unknown, options: unknown): ReadInit {
  const more = (
    isStateInit(options) || isStandardSchema(options) ? { context: options } : (options ?? {})
  ) as GraphOptions
  if (typeof state !== 'object' || state === null) throw new StateGraphInputError()
  const whole = state as GraphInit & Partial<LegacyGraphInit>
  const declared = [whole.state, whole.stateSchema, whole.input].find(isStateInit)
  if (declared !== undefined && !isStateInit(state)) {
    return {
      state: toStateSpec(declared),
      input: optionalSpec(whole.input ?? more.input),
      output: optionalSpec(whole.output ?? more.output),
      context: contextOf(whole.context ?? more.context),
    }
  }
  if (isStateInit(state)) {
    return {
      state: toStateSpec(state),
      input: optionalSpec(more.input),
      output: optionalSpec(more.output),
      context: contextOf(more.context),
    }
  }
  if (typeof whole.channels === 'object' && whole.channels !== null) {
    const spec = legacyStateSpec(whole.channels as Record<string, unknown>)
    return { state: spec, input: undefined, output: undefined, context: contextOf(more.context) }
  }
  throw new StateGraphInputError()
}

const optionalSpec = (init: unknown): StateSpec | undefined => (init == null ? undefined : toStateSpec(init))

const contextOf = (schema: unknown): StandardSchema | undefined =>
  isStandardSchema(schema) ? schema : undefined
