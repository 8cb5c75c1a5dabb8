import type { BaseChannel, BinaryOperator } from '../channels/index.ts'
import { BinaryOperatorAggregate, LastValue } from '../channels/index.ts'
import type { Overwrite } from '../control.ts'
import type { DeclaredNode } from '../node/function.ts'

/** A state by its keys: channels, or what makes them. */
export type StateDefinition = Readonly<Record<string, BaseChannel | (() => BaseChannel)>>

type ChannelOf<Entry> = Entry extends BaseChannel
  ? Entry
  : Entry extends () => infer Channel
    ? Channel
    : never

/** What nodes read of a definition. */
export type StateType<Definition extends StateDefinition> = {
  [Key in keyof Definition]: ChannelOf<Definition[Key]> extends { readonly ValueType: infer Value }
    ? Value
    : never
}

/** What nodes write to a definition. */
export type UpdateType<Definition extends StateDefinition> = {
  [Key in keyof Definition]?: WrittenTo<ChannelOf<Definition[Key]>>
}

/** What a channel takes: one with a reducer also a value in place of its own. */
type WrittenTo<Channel> =
  Channel extends BinaryOperatorAggregate<infer Value, infer Update>
    ? Update | Overwrite<Value>
    : Channel extends { readonly UpdateType: infer Update }
      ? Update
      : never

/** How updates of a key meet its value. `value` is LangGraph's older word for `reducer`. */
export type SingleReducer<Value, Update = Value> =
  | { readonly reducer: BinaryOperator<Value, Update>; readonly default?: () => Value }
  | { readonly value: BinaryOperator<Value, Update>; readonly default?: () => Value }
  | null

/** A state definition that graphs are made from. */
export class AnnotationRoot<Definition extends StateDefinition = StateDefinition> {
  readonly lc_graph_name = 'AnnotationRoot'
  readonly spec: Definition
  declare readonly State: StateType<Definition>
  declare readonly Update: UpdateType<Definition>
  /** The type of a function that is a node over this state. */
  declare readonly Node: DeclaredNode<StateType<Definition>, UpdateType<Definition>>['node']

  constructor(spec: Definition) {
    this.spec = spec
  }

  static isInstance(value: unknown): value is AnnotationRoot {
    return (
      typeof value === 'object' &&
      value !== null &&
      'lc_graph_name' in value &&
      value.lc_graph_name === 'AnnotationRoot'
    )
  }
}

/** Declares a key of a state; see {@link Annotation}. */
export interface AnnotationFunction {
  /** A key whose updates meet its value by a reducer. */
  <Value, Update = Value>(annotation: SingleReducer<Value, Update>): BinaryOperatorAggregate<Value, Update>
  /** A key whose last value counts; two nodes that write it in one superstep are an error. */
  <Value>(): LastValue<Value>
  Root<Definition extends StateDefinition>(definition: Definition): AnnotationRoot<Definition>
}

/** The channel of a key that is declared by a reducer, by `null` for the last value, or that is one already. */
export function toChannel<Value, Update = Value>(
  reducer?: SingleReducer<Value, Update>,
): BinaryOperatorAggregate<Value, Update> | LastValue<Value> {
  if (typeof reducer === 'object' && reducer !== null) {
    if ('reducer' in reducer && reducer.reducer) {
      return new BinaryOperatorAggregate(reducer.reducer, reducer.default)
    }
    if ('value' in reducer && reducer.value) {
      return new BinaryOperatorAggregate(reducer.value, reducer.default)
    }
  }
  return new LastValue<Value>()
}

/**
 * Declares the keys of a state.
 *
 * @example
 * const State = Annotation.Root({
 *   topic: Annotation<string>,
 *   notes: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
 * })
 */
export const Annotation: AnnotationFunction = Object.assign(toChannel as AnnotationFunction, {
  Root: <Definition extends StateDefinition>(definition: Definition) => new AnnotationRoot(definition),
})
