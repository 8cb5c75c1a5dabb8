import { createError } from '../../errors.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type {
  ChatRequest,
  ReasoningEffort,
  ReasoningOptions,
  ResponseFormat,
  Tool,
  ToolChoice,
} from '../../types/request.ts'
import {
  checkObject,
  invalid,
  missing,
  optionalArray,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalString,
  optionalWord,
  requiredString,
} from '../check.ts'
import { arrayOf, compact } from '../wire.ts'
import { instructionsOf, parseInput } from './client-input.ts'
import { dialectOf, leftOver } from './dialect.ts'

/** Fields that our form has its own place for. All others mean something on this wire only. */
const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'input',
  'instructions',
  'stream',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'reasoning',
  'max_output_tokens',
  'temperature',
  'top_p',
  'top_logprobs',
  'user',
  'service_tier',
  'store',
  'metadata',
  'safety_identifier',
  'prompt_cache_key',
])

/** Fields that refer to what the service keeps. */
const STATE = ['previous_response_id', 'conversation', 'prompt'] as const

/** Reads a `/responses` body. */
export function parseRequest(body: JsonObject): ChatRequest {
  const model = requiredString(body, 'model')
  if (model === '') throw missing('model')
  const { messages, nativeOnly } = parseInput(body.input)
  const state = STATE.find((field) => body[field] !== undefined && body[field] !== null)
  if (body.background === true && state === undefined && nativeOnly === undefined)
    return { ...parseSettings(body, model, messages), nativeOnly: 'background' }
  if (messages.length === 0 && state === undefined) throw emptyInput(body.input)
  const request = parseSettings(body, model, messages)
  const native = state ?? nativeOnly
  return native === undefined ? request : { ...request, nativeOnly: native }
}

function emptyInput(input: Json | undefined): Error {
  if (input === undefined || input === null) return missing('input')
  return createError({
    code: 'bad_request',
    message: "Invalid value for 'input': at least one item is required.",
    param: 'input',
    reason: 'invalid_value',
  })
}

function parseSettings(body: JsonObject, model: string, messages: ChatRequest['messages']): ChatRequest {
  optionalString(body, 'previous_response_id')
  const include = optionalArray(body, 'include')
  const stream = optionalBoolean(body, 'stream') ?? false
  const text = parseText(body)
  const reasoning = parseReasoning(body)
  const store = optionalBoolean(body, 'store')
  const metadata = optionalObject(body, 'metadata')
  const topLogprobs = optionalNumber(body, 'top_logprobs', { min: 0, max: 20, integer: true })
  const wantsLogprobs = arrayOf(include).includes('message.output_text.logprobs')
  const fields = compact({
    ...leftOver(body, KNOWN),
    text: text.rest,
    reasoning: reasoning.rest,
    // Chat completions takes metadata only of what is stored; here it is always taken.
    metadata: store === true ? undefined : metadata,
  })
  const request: ChatRequest = {
    model,
    messages: [...instructionsOf(optionalString(body, 'instructions')), ...messages],
    stream,
    // A client of this wire gets the usage in every stream.
    includeUsage: stream ? true : undefined,
    tools: parseTools(body),
    toolChoice: parseToolChoice(body),
    parallelToolCalls: optionalBoolean(body, 'parallel_tool_calls'),
    responseFormat: text.format,
    verbosity: text.verbosity,
    reasoning: reasoning.options,
    maxTokens: optionalNumber(body, 'max_output_tokens', { min: 1, integer: true }),
    temperature: optionalNumber(body, 'temperature', { min: 0, max: 2 }),
    topP: optionalNumber(body, 'top_p', { min: 0, max: 1 }),
    logprobs: wantsLogprobs ? true : undefined,
    topLogprobs,
    user: optionalString(body, 'user'),
    serviceTier: optionalString(body, 'service_tier'),
    store,
    metadata: store === true ? metadata : undefined,
    safetyIdentifier: optionalString(body, 'safety_identifier'),
    promptCacheKey: optionalString(body, 'prompt_cache_key'),
    dialect: dialectOf(fields) ?? { protocol: 'openai-responses', fields: {} },
  }
  return withoutAbsent(request)
}

function withoutAbsent(request: ChatRequest): ChatRequest {
  const { model, messages, stream, ...optional } = request
  const given = Object.entries(optional).filter(([, value]) => value !== undefined)
  return { model, messages, stream, ...Object.fromEntries(given) }
}

const TOOL_FIELDS: ReadonlySet<string> = new Set(['type', 'name', 'description', 'parameters', 'strict'])

function parseTools(body: JsonObject): Tool[] | undefined {
  return optionalArray(body, 'tools')?.map((value, index): Tool => {
    const path = `tools[${index}]`
    const tool = checkObject(value, path)
    if (requiredString(tool, 'type', `${path}.type`) !== 'function')
      return { type: 'native', protocol: 'openai-responses', raw: tool }
    const description = optionalString(tool, 'description', `${path}.description`)
    const parameters = optionalObject(tool, 'parameters', `${path}.parameters`)
    const strict = optionalBoolean(tool, 'strict', `${path}.strict`)
    const dialect = dialectOf(leftOver(tool, TOOL_FIELDS))
    return {
      type: 'function',
      name: requiredString(tool, 'name', `${path}.name`),
      ...(description === undefined ? {} : { description }),
      ...(parameters === undefined ? {} : { parameters }),
      ...(strict === undefined ? {} : { strict }),
      ...(dialect === undefined ? {} : { dialect }),
    }
  })
}

function parseToolChoice(body: JsonObject): ToolChoice | undefined {
  const value = body.tool_choice
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') {
    if (value === 'auto' || value === 'none' || value === 'required') return { type: value }
    throw invalid('tool_choice', "'auto', 'none', 'required' or an object that names a tool", value)
  }
  const choice = checkObject(value, 'tool_choice')
  requiredString(choice, 'type', 'tool_choice.type')
  if (choice.type === 'function')
    return { type: 'tool', name: requiredString(choice, 'name', 'tool_choice.name') }
  return { type: 'native', protocol: 'openai-responses', raw: choice }
}

const TEXT_FIELDS: ReadonlySet<string> = new Set(['format', 'verbosity'])

function parseText(body: JsonObject): {
  format: ResponseFormat | undefined
  verbosity: ChatRequest['verbosity']
  rest: JsonObject | undefined
} {
  const text = optionalObject(body, 'text')
  if (text === undefined) return { format: undefined, verbosity: undefined, rest: undefined }
  const rest = leftOver(text, TEXT_FIELDS)
  const format = optionalObject(text, 'format', 'text.format')
  return {
    format: format === undefined ? undefined : parseFormat(format),
    verbosity: optionalWord(text, 'verbosity', ['low', 'medium', 'high'], 'text.verbosity'),
    rest: Object.keys(rest).length > 0 ? rest : undefined,
  }
}

function parseFormat(format: JsonObject): ResponseFormat {
  const type = requiredString(format, 'type', 'text.format.type')
  if (type === 'text') return { type }
  if (type === 'json_object') return { type: 'json' }
  if (type !== 'json_schema')
    throw invalid('text.format.type', "'text', 'json_object' or 'json_schema'", type)
  const schema = optionalObject(format, 'schema', 'text.format.schema')
  if (schema === undefined) throw missing('text.format.schema')
  const strict = optionalBoolean(format, 'strict', 'text.format.strict')
  const description = optionalString(format, 'description', 'text.format.description')
  return {
    type: 'json-schema',
    name: requiredString(format, 'name', 'text.format.name'),
    schema,
    ...(strict === undefined ? {} : { strict }),
    ...(description === undefined ? {} : { description }),
  }
}

const EFFORTS: readonly ReasoningEffort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

const REASONING_FIELDS: ReadonlySet<string> = new Set(['effort', 'summary'])

function parseReasoning(body: JsonObject): {
  options: ReasoningOptions | undefined
  rest: JsonObject | undefined
} {
  const reasoning = optionalObject(body, 'reasoning')
  if (reasoning === undefined) return { options: undefined, rest: undefined }
  const effort = optionalWord(reasoning, 'effort', EFFORTS, 'reasoning.effort')
  const summary = optionalString(reasoning, 'summary', 'reasoning.summary')
  const rest = leftOver(reasoning, REASONING_FIELDS)
  const said = effort !== undefined || summary !== undefined
  return {
    options: said
      ? { ...(effort === undefined ? {} : { effort }), ...(summary === undefined ? {} : { summary }) }
      : undefined,
    rest: Object.keys(rest).length > 0 ? rest : undefined,
  }
}
