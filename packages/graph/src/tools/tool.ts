import type { Runtime } from '../node/runtime.ts'
import { isStandardSchema, toJsonSchema } from '../state/standard-schema.ts'
import type { SchemaOutput, StandardSchema } from '../state/standard-schema.ts'
import type { ToolCall } from '../state/tool-calls.ts'
import type { ToolMessage } from '../state/message.ts'
import { schemaFaults } from './json-schema.ts'

/** What a tool is given beside its arguments: what its node was given, and the call itself. */
export interface ToolRuntime<State = unknown, Context = Record<string, unknown>> extends Partial<
  Runtime<Context>
> {
  /** The state of the graph when the tool was called. */
  readonly state: State
  readonly toolCallId: string
  readonly toolCall: ToolCall
  /** What the node was given, as it is. */
  readonly config: Partial<Runtime<Context>>
}

/** A function that a model may call. */
export interface Tool<Args = never> {
  readonly name: string
  readonly description: string
  /** A Standard Schema (zod, valibot …) or a JSON Schema of the arguments. */
  readonly schema: unknown
  readonly execute: (args: Args, runtime: ToolRuntime) => unknown
  /**
   * Calls it by hand: with arguments, for what the function returns; with a tool call, for a tool message.
   *
   * @throws {ToolInputError} when the arguments do not fit the schema.
   */
  readonly invoke: (input: unknown, runtime?: Partial<ToolRuntime>) => Promise<unknown>
  /** Whether an agent ends with its result instead of showing it to the model. */
  readonly returnDirect?: boolean | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  /** `untrusted` when its results come from outside: messages with them are marked. */
  readonly trust?: 'untrusted' | undefined
  /** With `content_and_artifact` the function returns `[content, artifact]`: only the first is shown to the model. */
  readonly responseFormat?: 'content' | 'content_and_artifact' | undefined
}

/** What `tool` needs beside the function. */
export interface ToolFields<Schema = unknown> {
  readonly name: string
  readonly description?: string | undefined
  readonly schema?: Schema | undefined
  readonly returnDirect?: boolean | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  readonly trust?: 'untrusted' | undefined
  readonly responseFormat?: 'content' | 'content_and_artifact' | undefined
}

/** The arguments of a call do not fit the tool's schema. The message tells the model what to write instead. */
export class ToolInputError extends Error {
  override name = 'ToolInputError'
}

const NO_ARGUMENTS = { type: 'object', properties: {} } as const

/**
 * A tool from a function.
 *
 * @example
 * const getWeather = tool(({ city }) => `Rain in ${city}`, {
 *   name: 'get_weather',
 *   description: 'The weather of a city.',
 *   schema: z.object({ city: z.string() }),
 * })
 */
export function tool<Schema extends StandardSchema>(
  execute: (args: SchemaOutput<Schema>, runtime: ToolRuntime) => unknown,
  fields: ToolFields<Schema> & { readonly schema: Schema },
): Tool<SchemaOutput<Schema>>
export function tool<Args = Record<string, unknown>>(
  execute: (args: Args, runtime: ToolRuntime) => unknown,
  fields: ToolFields,
): Tool<Args>
export function tool(execute: (args: never, runtime: ToolRuntime) => unknown, fields: ToolFields): Tool {
  const { schema = NO_ARGUMENTS, description = '', ...rest } = fields
  const made: Tool = {
    ...rest,
    description,
    schema,
    execute,
    invoke: (input, runtime = {}) => invokeTool(made, input, runtime),
  }
  return made
}

async function invokeTool(made: Tool, input: unknown, runtime: Partial<ToolRuntime>): Promise<unknown> {
  const call = input as Partial<ToolCall> & { type?: unknown }
  if (call?.type !== 'tool_call') {
    const args = await checkedArguments(made, input ?? {})
    return made.execute(
      args as never,
      toolRuntime({ id: undefined, name: made.name, args }, runtime, runtime.state),
    )
  }
  const { id, name = made.name, args = {} } = call
  const output = await runTool(
    made,
    { id, name, args },
    toolRuntime({ id, name, args }, runtime, runtime.state),
  )
  return asToolMessage(made, id ?? '', output)
}

/** The runtime of one call. */
export function toolRuntime(call: ToolCall, config: Partial<Runtime>, state: unknown): ToolRuntime {
  // The getters of a node's runtime cost something when they are read, so it is inherited from, not copied.
  const runtime = Object.create(config) as Record<string, unknown>
  return Object.assign(runtime, {
    state,
    toolCallId: call.id ?? '',
    toolCall: call,
    config,
  }) as ToolRuntime
}

/** Checks the arguments of a call and runs the tool. */
export async function runTool(
  made: Omit<Tool, 'invoke'>,
  call: ToolCall,
  runtime: ToolRuntime,
): Promise<unknown> {
  const args = await checkedArguments(made, call.args)
  return made.execute(args as never, runtime)
}

async function checkedArguments(
  { name, schema }: Pick<Tool, 'name' | 'schema'>,
  args: unknown,
): Promise<unknown> {
  if (isStandardSchema(schema)) {
    const result = await schema['~standard'].validate(args)
    if (result.issues === undefined) return result.value
    throw new ToolInputError(
      wrongArguments(
        name,
        result.issues.map(({ message, path = [] }) => {
          const keys = path.map((step) => String(typeof step === 'object' ? step.key : step))
          return keys.length === 0 ? message : `${keys.join('.')}: ${message}`
        }),
      ),
    )
  }
  const faults = schemaFaults(args, schema)
  if (faults.length > 0) throw new ToolInputError(wrongArguments(name, faults))
  return args
}

function wrongArguments(name: string, faults: readonly string[]): string {
  return `The arguments of "${name}" do not fit its schema: ${faults.join('; ')}`
}

/** What a tool returned as the content of a message. */
function contentOf(output: unknown): ToolMessage['content'] {
  if (typeof output === 'string') return output
  if (Array.isArray(output) && output.length > 0 && output.every(isContentPart))
    return output as ToolMessage['content']
  return JSON.stringify(output) ?? ''
}

function isContentPart(part: unknown): boolean {
  const {
    type,
    text,
    image_url: image,
  } = (part ?? {}) as { type?: unknown; text?: unknown; image_url?: unknown }
  return (type === 'text' && typeof text === 'string') || (type === 'image_url' && typeof image === 'object')
}

/** The message that a tool's result is told by. */
export function asToolMessage(
  { name, trust, responseFormat }: Pick<Tool, 'name' | 'trust' | 'responseFormat'>,
  id: string,
  output: unknown,
): ToolMessage {
  const isPair = responseFormat === 'content_and_artifact' && Array.isArray(output)
  const [content, artifact] = isPair ? (output as [unknown, unknown]) : [output, undefined]
  return {
    role: 'tool',
    name,
    tool_call_id: id,
    content: contentOf(content),
    status: 'success',
    ...(artifact === undefined ? {} : { artifact }),
    ...(trust === undefined ? {} : { trust }),
  }
}

/** The JSON Schema of a tool's arguments, as models are shown it. */
export function parametersOf(schema: unknown): Record<string, unknown> {
  const { $schema: _dialect, ...parameters } = (toJsonSchema(schema) ?? NO_ARGUMENTS) as Record<
    string,
    unknown
  >
  return Object.keys(parameters).length === 0 ? { ...NO_ARGUMENTS } : parameters
}
