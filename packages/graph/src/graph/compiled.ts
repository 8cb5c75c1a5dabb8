import type { Command } from '../control.ts'
import { isCommand, updateEntries, Command as CommandClass } from '../control.ts'
import { InvalidUpdateError } from '../errors.ts'
import type { Program } from '../runtime/program.ts'
import type { StandardSchema } from '../state/standard-schema.ts'
import type { StateSpec } from '../state/definition.ts'
import { validateField } from '../state/state-schema.ts'
import type { GraphSource } from './compile.ts'
import { describeGraph } from './draw/describe.ts'
import type { DrawableGraph } from './draw/drawable.ts'
import { Pregel } from './pregel.ts'
import type { CompileOptions } from './types.ts'

/** The builder of a compiled graph, as far as others look into it. */
export interface BuilderView extends GraphSource {
  readonly hasInputSchema: boolean
  readonly contextSchema: StandardSchema | undefined
}

/** A state graph that is ready to run; made by `compile`. */
export class CompiledStateGraph<
  Output = unknown,
  Input = unknown,
  Nodes extends string = string,
  Context = Record<string, unknown>,
> extends Pregel<Output, Input | Command<unknown, unknown, string> | null, Context> {
  override readonly lc_graph_name: string = 'CompiledStateGraph'
  readonly builder: BuilderView
  readonly description: string | undefined
  /** Names of the nodes, for inference only. */
  declare readonly NodeNames: Nodes

  constructor(init: {
    readonly builder: BuilderView
    readonly program: Program
    readonly options: CompileOptions
  }) {
    const { options } = init
    super({
      program: init.program,
      checkpointer: options.checkpointer,
      store: options.store,
      cache: options.cache,
      interruptBefore: options.interruptBefore,
      interruptAfter: options.interruptAfter,
      streamMode: 'updates',
      name: options.name,
      recursionLimitCountsEnd: options.recursionLimitCountsEnd,
      version: options.version,
      migrate: options.migrate as never,
    })
    this.builder = init.builder
    this.description = options.description
  }

  /**
   * The graph as nodes and edges, to be drawn: `.drawMermaid()`, `.toJSON()`, `.drawSvg()`.
   * @param options `xray` draws subgraphs in the place of their nodes, a number of levels deep or all
   */
  getGraph(options: { readonly xray?: boolean | number | undefined } = {}): DrawableGraph {
    const depth = Number(options.xray === true ? Infinity : (options.xray ?? 0))
    const { builder, interruptBefore, interruptAfter } = this
    const inside = (name: string): DrawableGraph | undefined => {
      const inner = builder.nodes[name]?.runnable
      return depth > 0 && inner instanceof CompiledStateGraph
        ? inner.getGraph({ xray: depth - 1 })
        : undefined
    }
    return describeGraph(builder, { interruptBefore, interruptAfter, inside })
  }

  /** As {@link getGraph}. */
  async getGraphAsync(options?: { readonly xray?: boolean | number | undefined }): Promise<DrawableGraph> {
    return this.getGraph(options)
  }

  protected override validateInput(input: unknown): unknown {
    const { builder } = this
    const spec =
      builder.hasInputSchema && builder.inputSpec.validators !== undefined
        ? builder.inputSpec
        : builder.stateSpec
    if (spec.validators === undefined) return input
    if (!isCommand(input)) return checkUpdate(input, spec)
    if (input.update == null) return input
    const checked = checkUpdate(Object.fromEntries(updateEntries(input)), spec)
    const rebuild = (update: unknown): Command =>
      new CommandClass({ update, goto: input.goto, resume: input.resume, graph: input.graph }) as Command
    return checked instanceof Promise ? checked.then(rebuild) : rebuild(checked)
  }

  protected override validateContext(context: unknown, configurable: unknown): unknown {
    const schema = this.builder.contextSchema
    const given = context ?? configurable
    if (schema === undefined || given === undefined) return context
    const result = schema['~standard'].validate(given)
    if (result instanceof Promise) return context
    if ('value' in result) return context === undefined ? undefined : result.value
    const issues = result.issues.map(
      ({ message, path }) => `${(path ?? []).map(String).join('.')}: ${message}`,
    )
    throw new InvalidUpdateError(`The run's context does not fit its schema: ${issues.join('; ')}`, {
      cause: result.issues,
    })
  }
}

/** An update with each of its values checked. A promise comes back only where a validator gave one. */
function checkUpdate(update: unknown, spec: StateSpec): unknown {
  if (typeof update !== 'object' || update === null || Array.isArray(update)) {
    if (spec.strict)
      throw new InvalidUpdateError(`Expected an object with the keys of the state, got ${typeof update}.`)
    return update
  }
  const keys = Object.keys(update).filter((key) => !spec.strict || spec.validators?.[key] !== undefined)
  const values = keys.map((key) => {
    const schema = spec.validators?.[key]
    const value = (update as Record<string, unknown>)[key]
    return schema === undefined ? value : validateField(key, schema, value)
  })
  const join = (checked: readonly unknown[]): Record<string, unknown> =>
    Object.fromEntries(keys.map((key, index) => [key, checked[index]]))
  return values.some((value) => value instanceof Promise) ? Promise.all(values).then(join) : join(values)
}
