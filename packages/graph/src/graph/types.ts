import type { BaseCache } from '../cache/cache.ts'
import type { Checkpointer } from '../checkpoint/checkpointer.ts'
import type { ForeignSaver } from '../checkpoint/from-langgraph.ts'
import type { Command, Send, TimeoutPolicy } from '../control.ts'
import type { NodeError } from '../errors.ts'
import type { CachePolicy, RetryPolicy } from '../runtime/policies.ts'
import type { TracePolicy } from '../runtime/trace-policy.ts'
import type { Runtime } from '../node/runtime.ts'
import type { BaseStore } from '../store/store.ts'
import type { StateDefinition } from '../state/annotation.ts'
import type { StateInit, StateOf, UpdateOf } from '../state/definition.ts'
import type { SchemaOutput } from '../state/standard-schema.ts'
import type { Invocable } from './action.ts'

/** Declarations besides the state: what goes in, what comes out, what a run is told, how nodes are named. */
export interface GraphOptions {
  /** Keys that input may have. */
  readonly input?: StateInit | undefined
  /** Keys that the result has. */
  readonly output?: StateInit | undefined
  /** Type and validator of the run's `context`. */
  readonly context?: object | undefined
  /** Names of all nodes, so that edges and commands are checked without chaining. */
  readonly nodes?: readonly string[] | undefined
  readonly interrupt?: unknown
  readonly writer?: unknown
}

/** State, input and output in one object, as the first argument of `StateGraph`. */
export interface GraphInit extends GraphOptions {
  readonly state?: StateInit | undefined
  readonly stateSchema?: StateInit | undefined
}

/** LangGraph's oldest form of a state. */
export interface LegacyGraphInit {
  readonly channels: object
}

type SchemaIn<Definition> = Definition extends StateDefinition
  ? Definition
  : Definition extends { readonly state: infer State }
    ? State
    : Definition extends { readonly stateSchema: infer State }
      ? State
      : Definition extends { readonly input: infer Input; readonly output: unknown }
        ? Input
        : Definition extends LegacyGraphInit
          ? Record<string, unknown>
          : Definition

/** What nodes read, from whatever the graph was made of. */
export type GraphState<Definition> = StateOf<SchemaIn<Definition>>

/** What nodes write, from whatever the graph was made of. */
export type GraphUpdate<Definition> = UpdateOf<SchemaIn<Definition>>

/** What goes in. */
export type GraphInput<Definition, Options> = Options extends {
  readonly input: infer Input extends StateInit
}
  ? UpdateOf<Input>
  : Definition extends StateDefinition
    ? GraphUpdate<Definition>
    : Definition extends { readonly input: infer Input extends StateInit }
      ? UpdateOf<Input>
      : GraphUpdate<Definition>

/** What comes out. */
export type GraphOutput<Definition, Options> = Options extends {
  readonly output: infer Output extends StateInit
}
  ? StateOf<Output>
  : Definition extends StateDefinition
    ? GraphState<Definition>
    : Definition extends { readonly output: infer Output extends StateInit }
      ? StateOf<Output>
      : GraphState<Definition>

type ContextSchema<Definition, Options> = Options extends { readonly context: infer Context }
  ? Context
  : Options extends { readonly State: unknown } | { readonly '~standard': unknown }
    ? Options
    : Definition extends { readonly context: infer Context }
      ? Context
      : undefined

/** What a run is told besides its input. */
export type GraphContext<Definition, Options> =
  ContextSchema<Definition, Options> extends infer Schema
    ? Schema extends { readonly State: infer State }
      ? State
      : Schema extends { readonly '~standard': unknown }
        ? SchemaOutput<Schema>
        : Record<string, unknown>
    : never

/** A node's name where it is asked for: one of those that are known, or any while none are. */
export type NodeName<Nodes extends string> = [Nodes] extends [never] ? string : Nodes

/** What a node may return. */
export type NodeResult<Update> =
  | Update
  /** Keys that other nodes have declared for themselves. */
  | (Update & Record<string, unknown>)
  | Command<unknown, unknown>
  | readonly (Update | (Update & Record<string, unknown>) | Command<unknown, unknown>)[]
  | null
  | undefined
  | void

/** What a node does: a function of the state, a graph, or anything with `invoke`. */
export type NodeAction<State, Update, Context> =
  | ((state: State, runtime: Runtime<Context>) => NodeResult<Update> | Promise<NodeResult<Update>>)
  | Invocable

/** Deals with a node's failure once its retries are used up. */
export type ErrorHandler<State, Update, Context> = (
  state: State,
  error: NodeError,
  runtime: Runtime<Context>,
) => NodeResult<Update> | Promise<NodeResult<Update>>

/** Options of a node. */
export interface NodeOptions<Input = unknown, State = never, Update = unknown, Context = never> {
  /** What the node sees, when it is not the whole state. Its keys are added to the state. */
  readonly input?: Input | undefined
  readonly retryPolicy?: RetryPolicy | undefined
  readonly cachePolicy?: CachePolicy | boolean | undefined
  /** Of each attempt; a number is a run timeout in milliseconds. */
  readonly timeout?: number | TimeoutPolicy | undefined
  readonly errorHandler?: ErrorHandler<State, Update, Context> | undefined
  /** Run only when nothing else is left to do. */
  readonly defer?: boolean | undefined
  /** Where its commands may lead, for checks and drawings. */
  readonly ends?: readonly string[] | Readonly<Record<string, string>> | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  readonly tags?: readonly string[] | undefined
  /** What LangChain's handlers are shown of its input and output. */
  readonly tracePolicy?: TracePolicy<State> | undefined
  /** Graphs that its function calls, for drawings and for looking into them. */
  readonly subgraphs?: readonly unknown[] | undefined
}

/** What nodes that do not say otherwise have. */
export type NodeDefaults = Pick<NodeOptions, 'retryPolicy' | 'cachePolicy' | 'timeout' | 'errorHandler'>

/** What a condition may answer. */
export type BranchResult<Nodes extends string> =
  | NodeName<Nodes>
  | '__end__'
  | Send
  | readonly (NodeName<Nodes> | '__end__' | Send)[]

/** Options of `compile`. */
export interface CompileOptions<Nodes extends string = string> {
  /** A saver, also one written for LangGraph; `true` in a subgraph that keeps a memory of its own on the thread; `false` for none in any case. */
  readonly checkpointer?: Checkpointer | ForeignSaver | boolean | undefined
  readonly store?: BaseStore | undefined
  readonly cache?: BaseCache | undefined
  readonly interruptBefore?: '*' | readonly (NodeName<Nodes> | '__start__')[] | undefined
  readonly interruptAfter?: '*' | readonly (NodeName<Nodes> | '__start__')[] | undefined
  readonly name?: string | undefined
  readonly description?: string | undefined
  /** Counts as LangGraph does: a `recursionLimit` of n is enough for n − 1 supersteps and the end. */
  readonly recursionLimitCountsEnd?: boolean | undefined
  /** Kept with each checkpoint, so that a later version knows what it finds. */
  readonly version?: string | undefined
  /** Turns what another version stored into what this one reads. */
  readonly migrate?:
    | ((
        values: Record<string, unknown>,
        metadata: Readonly<Record<string, unknown>>,
      ) => Record<string, unknown>)
    | undefined
}
