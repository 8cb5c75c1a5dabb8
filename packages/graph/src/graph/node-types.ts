import type { Send } from '../control.ts'
import type { NodeOf } from '../node/function.ts'
import type { Runtime } from '../node/runtime.ts'
import type { StateOf, UpdateOf } from '../state/definition.ts'

/** What nodes read of a state, however it is declared; the fallback where nothing is known of it. */
export type ExtractStateType<Schema, Fallback = Schema> = unknown extends Schema ? Fallback : StateOf<Schema>

/** What nodes write to a state, however it is declared. */
export type ExtractUpdateType<Schema, FallbackBase = Schema> = unknown extends Schema
  ? Partial<FallbackBase>
  : UpdateOf<Schema>

/** Schemas of a node by name, in place of the one of its graph. */
export interface GraphNodeTypes<
  InputSchema = unknown,
  OutputSchema = unknown,
  ContextSchema = unknown,
  Nodes extends string = string,
> {
  readonly InputSchema?: InputSchema
  readonly OutputSchema?: OutputSchema
  readonly ContextSchema?: ContextSchema
  /** Names of nodes that a command may lead to. */
  readonly Nodes?: Nodes
}

/** Schemas of a condition by name. */
export type ConditionalEdgeRouterTypes<
  InputSchema = unknown,
  ContextSchema = unknown,
  Nodes extends string = string,
> = Omit<GraphNodeTypes<InputSchema, unknown, ContextSchema, Nodes>, 'OutputSchema'>

type IsBag<Schema, Key extends string> = Schema extends { readonly [Name in Key]: unknown } ? true : false

type InputOf<Bag> = Bag extends { readonly InputSchema: infer Schema } ? ExtractStateType<Schema> : unknown
type OutputOf<Bag> = Bag extends { readonly OutputSchema: infer Schema }
  ? ExtractUpdateType<Schema>
  : Partial<InputOf<Bag>>
type ContextOf<Bag> = Bag extends { readonly ContextSchema: infer Schema }
  ? ExtractStateType<Schema>
  : Record<string, unknown>
type NodesOf<Bag> = Bag extends { readonly Nodes: infer Nodes extends string } ? Nodes : string

/**
 * A node as a function that is declared apart from its graph: by the graph's state, or by {@link GraphNodeTypes}.
 *
 * @example
 * const greet: GraphNode<typeof State> = ({ name }) => ({ greeting: `Hello ${name}` })
 */
export type GraphNode<
  Schema,
  Context = Record<string, unknown>,
  Nodes extends string = string,
> = true extends IsBag<Schema, 'InputSchema'> | IsBag<Schema, 'OutputSchema'>
  ? NodeOf<InputOf<Schema>, OutputOf<Schema>, ContextOf<Schema>, NodesOf<Schema>>
  : NodeOf<ExtractStateType<Schema>, ExtractUpdateType<Schema>, Context, Nodes>

type Goal<Nodes extends string, State> = Nodes | '__end__' | Send<Nodes, State>
type RouterOf<State, Context, Nodes extends string> = (
  state: State,
  config: Runtime<Context>,
) => Answer<Nodes, State> | Promise<Answer<Nodes, State>>
type Answer<Nodes extends string, State> = Goal<Nodes, State> | Goal<Nodes, State>[]

/** A condition as a function that is declared apart from its graph. */
export type ConditionalEdgeRouter<
  Schema,
  Context = Record<string, unknown>,
  Nodes extends string = string,
> = true extends IsBag<Schema, 'InputSchema'> | IsBag<Schema, 'ContextSchema'>
  ? RouterOf<InputOf<Schema>, ContextOf<Schema>, NodesOf<Schema>>
  : RouterOf<ExtractStateType<Schema>, Context, Nodes>

/** A state by its channels, LangGraph's oldest form: `null` for the last value. */
export interface StateGraphArgs<Values> {
  readonly channels: {
    readonly [Key in keyof Values]: null | {
      readonly value?: ((left: Values[Key], right: never) => Values[Key]) | null
      readonly reducer?: (left: Values[Key], right: never) => Values[Key]
      readonly default?: () => Values[Key]
    }
  }
}
