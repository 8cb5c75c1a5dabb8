import { isStandardSchema } from '../state/standard-schema.ts'
import type { ToolCall } from '../state/tool-calls.ts'
import { parametersOf, runTool } from './tool.ts'
import type { Tool, ToolRuntime } from './tool.ts'

/** A tool of LangChain's, by its shape. */
export interface ForeignTool {
  readonly name: string
  readonly description?: string | undefined
  readonly schema?: unknown
  readonly returnDirect?: boolean | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  invoke(input: never, config?: never): unknown
}

/** A tool that the provider runs itself, or that only the model is told of: passed on as it is. */
export type ServerTool = Readonly<Record<string, unknown>> & { readonly type: string }

/** A tool written by hand: an object with these fields, made by `tool()` or not. */
export type PlainTool = Omit<Tool, 'invoke'>

/** Whatever can be given where tools are asked for. */
export type ToolLike = PlainTool | ForeignTool | ServerTool

/** A tool that can be called here, whatever it was made of. */
export interface ClientTool extends Pick<
  Tool,
  'name' | 'description' | 'returnDirect' | 'metadata' | 'trust' | 'responseFormat'
> {
  /** JSON Schema of the arguments. */
  readonly parameters: Record<string, unknown>
  /** What it was made of. */
  readonly source: ToolLike
  run(call: ToolCall, runtime: ToolRuntime): Promise<unknown>
}

function has(value: object, method: string): boolean {
  return typeof (value as Record<string, unknown>)[method] === 'function'
}

/** Whether a tool can be called here; `false` for those that the provider runs. */
export function isClientTool(value: ToolLike): value is PlainTool | ForeignTool {
  return typeof value.name === 'string' && (has(value, 'execute') || has(value, 'invoke'))
}

/** zod 3 has no JSON Schema of its own; LangChain's tools that use it write one by themselves. */
function foreignParameters(tool: ForeignTool): Record<string, unknown> {
  const { schema } = tool
  if (schema === undefined || isStandardSchema(schema) || !('_def' in (schema as object)))
    return parametersOf(schema)
  throw new TypeError(
    `The schema of the tool "${tool.name}" is of zod 3, which cannot be written as JSON Schema. Use zod 4 or a JSON Schema.`,
  )
}

/** @throws {TypeError} when a value is no tool that can be called here. */
export function toClientTool(source: ToolLike): ClientTool {
  if (!isClientTool(source)) {
    throw new TypeError(
      `${JSON.stringify(source)?.slice(0, 200)} is no tool. Write tool(fn, { name, description, schema }), ` +
        'or an object with name, description, schema and execute.',
    )
  }
  const description = source.description ?? ''
  const { name, returnDirect, metadata } = source
  const shared = { name, description, returnDirect, metadata, source }
  if ('execute' in source) {
    const { trust, responseFormat } = source
    return {
      ...shared,
      trust,
      responseFormat,
      parameters: parametersOf(source.schema),
      run: (call, runtime) => runTool(source, call, runtime),
    }
  }
  const foreign = source as ForeignTool
  return {
    ...shared,
    parameters: foreignParameters(foreign),
    run: async (call, runtime) => {
      const { name, args, id } = call
      // LangChain copies the config's own fields only. The call it puts there itself, where the tool has a use for it.
      const { toolCall: _call, ...config } = { ...runtime.config, ...runtime }
      return foreign.invoke({ name, args, id, type: 'tool_call' } as never, config as never)
    },
  }
}

/** How a model is told of a tool, in OpenAI's form. */
export function toolParam(source: ToolLike): Record<string, unknown> {
  if (!isClientTool(source)) return { ...source }
  const { name, description, parameters } = toClientTool(source)
  return { type: 'function', function: { name, description, parameters } }
}
