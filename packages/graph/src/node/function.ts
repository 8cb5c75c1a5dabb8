import type { Command } from '../control.ts'
import type { Runtime } from './runtime.ts'

/** What a node returns. */
export type GraphNodeReturnValue<Update, Nodes extends string = string> =
  | Update
  | Command<unknown, Update, Nodes>
  | Promise<Update | Command<unknown, Update, Nodes>>

/**
 * A node as a declaration of a state has it. A method, because what is declared for one state is then still a declaration.
 */
export interface DeclaredNode<State, Update> {
  node(state: State, config: Runtime): GraphNodeReturnValue<Update>
}

/** A node as a function. */
export type NodeOf<State, Update, Context, Nodes extends string> = (
  state: State,
  config: Runtime<Context>,
) => GraphNodeReturnValue<Update, Nodes>
