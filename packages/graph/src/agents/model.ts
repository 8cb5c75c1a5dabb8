import { getConfig } from '../runtime/helpers.ts'
import type { Runtime } from '../node/runtime.ts'
import { isMessageInstance, isAssistantMessage, textOf } from '../state/message.ts'
import type { AssistantMessage, Message } from '../state/message.ts'
import { messagesStateReducer } from '../state/messages.ts'
import type { Messages } from '../state/messages.ts'
import { isStandardSchema } from '../state/standard-schema.ts'
import { isClientTool, toolParam } from '../tools/accept.ts'
import type { ToolLike } from '../tools/accept.ts'
import { parametersOf } from '../tools/tool.ts'
import { complete } from './completion.ts'
import type { CompletionClient } from './completion.ts'

/** A model by its name, with settings of the call: `{ model: 'openai/gpt-5', temperature: 0 }`. */
export interface ModelSettings {
  /** `provider/model`. */
  readonly model: string
  /** What makes the call; `@switchyard/llm` itself when absent. */
  readonly client?: CompletionClient | undefined
  readonly [setting: string]: unknown
}

/** A chat model of LangChain's, by its shape. */
export interface ForeignModel {
  invoke(messages: never, config?: never): Promise<unknown>
  bindTools?: ((tools: never[], options?: never) => ForeignModel) | undefined
  withStructuredOutput?:
    | ((schema: never, options?: never) => { invoke(messages: never, config?: never): Promise<unknown> })
    | undefined
}

/** What a model is asked. */
export interface ModelRequest {
  readonly messages: readonly Message[]
  readonly tools: readonly ToolLike[]
  /** Standard Schema or JSON Schema that the answer has to fit. */
  readonly responseFormat?: unknown
  /** `false`: at most one tool call in an answer. */
  readonly parallelToolCalls?: boolean | undefined
  readonly runtime: Partial<Runtime>
}

/**
 * Whatever answers messages: `'provider/model'`, the same with settings, a LangChain chat model, or a function that is
 * given the state and what is asked, and gives an answer or one of the others.
 */
export type ModelLike<State = never> =
  | string
  | ModelSettings
  | ForeignModel
  | ((state: State, runtime: Runtime, request: ModelRequest) => ModelAnswer | Promise<ModelAnswer>)

type ModelAnswer = string | ModelSettings | ForeignModel | Message

function isForeign(model: unknown): model is ForeignModel {
  return typeof (model as ForeignModel | null)?.invoke === 'function'
}

/** The tools that a LangChain model carries already. */
function ownTools(model: ForeignModel): readonly object[] | undefined {
  const { kwargs, config } = model as { kwargs?: { tools?: unknown }; config?: { tools?: unknown } }
  const tools = [kwargs?.tools, config?.tools].find(Array.isArray) as readonly object[] | undefined
  const [first] = tools ?? []
  const inside = (first as { functionDeclarations?: readonly object[] } | undefined)?.functionDeclarations
  return tools?.length === 1 && inside !== undefined ? inside : tools
}

/** The name of a tool, in whichever provider's form it was bound. */
function boundName(bound: object): string | undefined {
  const { name, toolSpec, function: fn } = bound as Record<string, { name?: string } | undefined>
  return fn?.name ?? (name as string | undefined) ?? toolSpec?.name
}

/** @throws {Error} when a model carries other tools than those that the agent would run */
function assertSameTools(bound: readonly object[], tools: readonly ToolLike[]): void {
  if (bound.length !== tools.length) {
    throw new Error(
      'Number of tools in the model.bindTools() and tools passed to createReactAgent must match: ' +
        `${bound.length} are bound, ${tools.length} are passed.`,
    )
  }
  const names = new Set(bound.map(boundName))
  const missing = tools.filter(isClientTool).filter(({ name }) => !names.has(name))
  if (missing.length === 0) return
  throw new Error(
    `Missing tools '${missing.map(({ name }) => name).join()}' in the model.bindTools(). ` +
      'Tools in the model.bindTools() must match the tools passed to createReactAgent.',
  )
}

/** Asks a model, whatever it is made of. @throws what the call throws, and when the answer is no message. */
export async function askModel(model: ModelLike, request: ModelRequest, state: unknown): Promise<Message> {
  const { runtime } = request
  if (typeof model === 'function') {
    const answer = await model(state as never, runtime as Runtime, request)
    if (isAssistantMessage(answer)) return answer
    return askModel(answer as ModelLike, request, state)
  }
  if (typeof model === 'string') return askSettings({ model }, request)
  if (isForeign(model)) return askForeign(model, request)
  if (typeof model === 'object' && model !== null && typeof model.model === 'string')
    return askSettings(model, request)
  throw new TypeError(
    "The agent's `llm` is no model. Write 'provider/model', { model: 'provider/model', … }, a LangChain chat model, " +
      'or a function that gives one of them or an assistant message.',
  )
}

function askSettings(settings: ModelSettings, request: ModelRequest): Promise<AssistantMessage> {
  const { client, ...params } = settings
  const { messages, tools, responseFormat, parallelToolCalls, runtime } = request
  const call = {
    ...params,
    messages: messages.map(sendable),
    ...(tools.length === 0 ? {} : { tools: tools.map(toolParam) }),
    ...(tools.length === 0 || parallelToolCalls === undefined
      ? {}
      : { parallel_tool_calls: parallelToolCalls }),
    ...(responseFormat === undefined ? {} : { response_format: jsonFormat(responseFormat) }),
  }
  return complete(call, client, runtime)
}

/**
 * One call to a model, for nodes of one's own: its tokens go to the run's `messages` stream and count against its budget.
 *
 * @param runtime the node's second argument; found by itself when left out
 * @example const answer = await chat({ model: 'openai/gpt-5', messages: state.messages, tools }, runtime)
 */
export function chat(
  params: ModelSettings & { readonly messages: Messages; readonly tools?: readonly ToolLike[] | undefined },
  runtime: Partial<Runtime> = getConfig() ?? {},
): Promise<AssistantMessage> {
  const { messages, tools = [], ...settings } = params
  return askSettings(settings, { messages: messagesStateReducer([], messages), tools, runtime })
}

function jsonFormat(schema: unknown): Record<string, unknown> {
  return {
    type: 'json_schema',
    json_schema: { name: 'response', schema: parametersOf(schema), strict: true },
  }
}

/** A message as a provider takes it: without what is for the program only. LangChain's instances are written as OpenAI's. */
function sendable(message: Message): unknown {
  if (!isMessageInstance(message)) {
    const { id: _id, ...fields } = message
    if (fields.role !== 'tool') return fields
    const { artifact: _artifact, status: _status, trust: _trust, ...result } = fields
    return result
  }
  const foreign = message as {
    getType: () => string
    content: unknown
    name?: string
    tool_call_id?: string
    tool_calls?: { id?: string; name: string; args: unknown }[]
  }
  const roles: Record<string, string> = { human: 'user', ai: 'assistant', system: 'system', tool: 'tool' }
  const calls = (foreign.tool_calls ?? []).map(({ id, name, args }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(args) },
  }))
  return {
    role: roles[foreign.getType()] ?? 'user',
    content: foreign.content,
    ...(foreign.name === undefined ? {} : { name: foreign.name }),
    ...(foreign.tool_call_id === undefined ? {} : { tool_call_id: foreign.tool_call_id }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  }
}

/** A tool as a LangChain model binds it: its own kind as it is, so that it is described as the model does that. */
function bindable(tool: ToolLike): unknown {
  return isClientTool(tool) && !('execute' in tool) ? tool : toolParam(tool)
}

async function askForeign(model: ForeignModel, request: ModelRequest): Promise<Message> {
  const { messages, tools, runtime, parallelToolCalls } = request
  let bound = model
  const own = ownTools(model)
  if (own !== undefined) assertSameTools(own, tools)
  else if (tools.length > 0) {
    if (model.bindTools === undefined) {
      throw new TypeError(
        "The agent's model has no `bindTools`, so it cannot be told of the tools. Bind them yourself or use another model.",
      )
    }
    const options = parallelToolCalls === undefined ? undefined : { parallel_tool_calls: parallelToolCalls }
    bound = model.bindTools(tools.map(bindable) as never[], options as never)
  }
  const answer = await bound.invoke(messages.map((message) => message) as never, runtime as never)
  if (isAssistantMessage(answer)) return answer
  throw new TypeError(`The agent's model answered with ${typeof answer}, not with an assistant message.`)
}

/**
 * An answer that fits a schema.
 *
 * @throws {Error} when what the model wrote is no JSON or does not fit.
 */
export async function askStructured(
  model: ModelLike,
  request: ModelRequest & { readonly responseFormat: unknown; readonly formatOptions?: object | undefined },
  state: unknown,
): Promise<unknown> {
  const { responseFormat, formatOptions, messages, runtime } = request
  const chosen = await dynamic(model, request, state)
  if (isForeign(chosen) && chosen.withStructuredOutput !== undefined) {
    return chosen
      .withStructuredOutput(responseFormat as never, formatOptions as never)
      .invoke(messages as never, runtime as never)
  }
  const answer = isAssistantMessage(chosen)
    ? chosen
    : await askModel(chosen as ModelLike, { ...request, messages: endedByUser(messages) }, state)
  const text = textOf(answer)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Error(`The model was asked for JSON and wrote: ${text.slice(0, 200)}`, { cause })
  }
  if (!isStandardSchema(responseFormat)) return value
  const result = await responseFormat['~standard'].validate(value)
  if (result.issues === undefined) return result.value
  throw new Error(
    `The model's JSON does not fit the schema: ${result.issues.map(({ message }) => message).join('; ')}`,
  )
}

/** Some models take an answer at the end for the beginning of theirs, or refuse it. */
function endedByUser(messages: readonly Message[]): readonly Message[] {
  if (!isAssistantMessage(messages.at(-1))) return messages
  return [...messages, { role: 'user', content: 'Give this answer in the form that is asked for.' }]
}

async function dynamic(model: ModelLike, request: ModelRequest, state: unknown): Promise<unknown> {
  return typeof model === 'function' ? model(state as never, request.runtime as Runtime, request) : model
}
