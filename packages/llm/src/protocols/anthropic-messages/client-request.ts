import { createError } from '../../errors.ts'
import type { JsonObject } from '../../types/json.ts'
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
  requiredArray,
  requiredString,
  restOf,
} from '../check.ts'
import { compact, objectOf } from '../wire.ts'
import { dialectOf, parseCacheControl } from './client-blocks.ts'
import { parseMessages, parseSystem } from './client-messages.ts'

/** Fields that our form has its own place for. All others mean something on this wire only. */
const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'max_tokens',
  'stream',
  'tools',
  'tool_choice',
  'thinking',
  'metadata',
  'stop_sequences',
  'temperature',
  'top_p',
  'top_k',
  'service_tier',
])

/** Reads a `/v1/messages` body. */
export function parseRequest(body: JsonObject): ChatRequest {
  const maxTokens = optionalNumber(body, 'max_tokens', { min: 0, integer: true })
  if (maxTokens === undefined) throw missing('max_tokens')
  return { ...parseCommon(body), maxTokens }
}

/** Reads a `/v1/messages/count_tokens` body: the same without a bound for the answer. */
export function parseCountTokensRequest(body: JsonObject): ChatRequest {
  return parseCommon(body)
}

function parseCommon(body: JsonObject): ChatRequest {
  const model = requiredString(body, 'model')
  if (model === '') throw missing('model')
  const messages = requiredArray(body, 'messages')
  if (messages.length === 0)
    throw createError({
      code: 'bad_request',
      message: "Invalid value for 'messages': at least one message is required.",
      param: 'messages',
      reason: 'invalid_value',
    })
  const stream = optionalBoolean(body, 'stream') ?? false
  const tools = parseTools(body)
  const { toolChoice, parallelToolCalls } = parseToolChoice(body)
  const { reasoning, thinking } = parseThinking(body)
  const { user, metadata } = parseMetadata(body)
  const serviceTier = optionalString(body, 'service_tier')
  const dialect = dialectOf(nonEmpty(compact({ ...restOf(body, KNOWN), thinking, metadata })))
  const responseFormat = parseResponseFormat(body)
  const request: ChatRequest = {
    model,
    messages: [...parseSystem(body.system), ...parseMessages(messages)],
    stream,
    // A client of this wire gets the usage in every stream.
    includeUsage: stream ? true : undefined,
    tools,
    toolChoice,
    parallelToolCalls,
    responseFormat,
    reasoning,
    temperature: optionalNumber(body, 'temperature', { min: 0, max: 1 }),
    topP: optionalNumber(body, 'top_p', { min: 0, max: 1 }),
    topK: optionalNumber(body, 'top_k', { min: 0, integer: true }),
    stop: parseStops(body),
    user,
    serviceTier: serviceTier === 'standard_only' ? 'default' : serviceTier,
    dialect,
  }
  return withoutAbsent(request)
}

function withoutAbsent(request: ChatRequest): ChatRequest {
  const { model, messages, stream, ...optional } = request
  const given = Object.entries(optional).filter(([, value]) => value !== undefined)
  return { model, messages, stream, ...Object.fromEntries(given) }
}

function nonEmpty(fields: JsonObject): JsonObject | undefined {
  return Object.keys(fields).length === 0 ? undefined : fields
}

const TOOL_FIELDS: ReadonlySet<string> = new Set(['name', 'description', 'input_schema', 'cache_control'])

function parseTools(body: JsonObject): Tool[] | undefined {
  return optionalArray(body, 'tools')?.map((value, index) => {
    const path = `tools[${index}]`
    const tool = checkObject(value, path)
    const type = optionalString(tool, 'type', `${path}.type`)
    if (type !== undefined && type !== 'custom')
      return { type: 'native', protocol: 'anthropic-messages', raw: tool }
    return parseFunctionTool(tool, path)
  })
}

function parseFunctionTool(tool: JsonObject, path: string): Tool {
  const parameters = optionalObject(tool, 'input_schema', `${path}.input_schema`)
  if (parameters === undefined) throw missing(`${path}.input_schema`)
  const description = optionalString(tool, 'description', `${path}.description`)
  const strict = optionalBoolean(tool, 'strict', `${path}.strict`)
  const cacheControl = parseCacheControl(tool, path)
  const dialect = dialectOf(restOf(tool, TOOL_FIELDS))
  return {
    type: 'function',
    name: requiredString(tool, 'name', `${path}.name`),
    parameters,
    ...(description === undefined ? {} : { description }),
    ...(strict === undefined ? {} : { strict }),
    ...(cacheControl === undefined ? {} : { cacheControl }),
    ...(dialect === undefined ? {} : { dialect }),
  }
}

function parseToolChoice(body: JsonObject): {
  toolChoice: ToolChoice | undefined
  parallelToolCalls: boolean | undefined
} {
  const choice = optionalObject(body, 'tool_choice')
  if (choice === undefined) return { toolChoice: undefined, parallelToolCalls: undefined }
  const disabled = optionalBoolean(
    choice,
    'disable_parallel_tool_use',
    'tool_choice.disable_parallel_tool_use',
  )
  const parallelToolCalls = disabled === undefined ? undefined : !disabled
  requiredString(choice, 'type', 'tool_choice.type')
  const type = optionalWord(choice, 'type', ['auto', 'any', 'tool', 'none'], 'tool_choice.type')
  if (type === 'tool')
    return {
      toolChoice: { type, name: requiredString(choice, 'name', 'tool_choice.name') },
      parallelToolCalls,
    }
  return { toolChoice: { type: type === 'any' ? 'required' : (type ?? 'auto') }, parallelToolCalls }
}

const EFFORTS: readonly ReasoningEffort[] = ['low', 'medium', 'high', 'xhigh', 'max']
const THINKING_FIELDS: ReadonlySet<string> = new Set(['type', 'budget_tokens'])

/** What our form can say of `thinking` and `output_config.effort`; the rest of `thinking` stays as it is. */
function parseThinking(body: JsonObject): {
  reasoning: ReasoningOptions | undefined
  thinking: JsonObject | undefined
} {
  const thinking = optionalObject(body, 'thinking')
  const config = optionalObject(body, 'output_config')
  const said = config === undefined ? undefined : optionalString(config, 'effort', 'output_config.effort')
  const effort = EFFORTS.find((word) => word === said)
  const effortOnly = effort === undefined ? undefined : { effort }
  if (thinking === undefined) return { reasoning: effortOnly, thinking: undefined }
  const type = requiredString(thinking, 'type', 'thinking.type')
  if (type !== 'enabled' && type !== 'disabled' && type !== 'adaptive')
    return { reasoning: effortOnly, thinking }
  const budgetTokens = optionalNumber(
    thinking,
    'budget_tokens',
    { min: 1, integer: true },
    'thinking.budget_tokens',
  )
  if (type === 'enabled' && budgetTokens === undefined) throw missing('thinking.budget_tokens')
  return {
    reasoning: {
      mode: type,
      ...(budgetTokens === undefined || type !== 'enabled' ? {} : { budgetTokens }),
      ...effortOnly,
      ...(thinking.display === 'summarized' ? { summary: 'auto' } : {}),
    },
    thinking: restOf(thinking, THINKING_FIELDS),
  }
}

function parseResponseFormat(body: JsonObject): ResponseFormat | undefined {
  const config = optionalObject(body, 'output_config')
  const inConfig = config === undefined ? undefined : optionalObject(config, 'format', 'output_config.format')
  const format = inConfig ?? optionalObject(body, 'output_format')
  const path = inConfig === undefined ? 'output_format' : 'output_config.format'
  if (format === undefined || format.type !== 'json_schema') return undefined
  const schema = objectOf(format.schema)
  if (schema === undefined) throw invalid(`${path}.schema`, 'an object', format.schema)
  return { type: 'json-schema', name: 'answer', schema, strict: true }
}

const METADATA_FIELDS: ReadonlySet<string> = new Set(['user_id'])

function parseMetadata(body: JsonObject): { user: string | undefined; metadata: JsonObject | undefined } {
  const metadata = optionalObject(body, 'metadata')
  if (metadata === undefined) return { user: undefined, metadata: undefined }
  return {
    user: optionalString(metadata, 'user_id', 'metadata.user_id'),
    metadata: restOf(metadata, METADATA_FIELDS),
  }
}

function parseStops(body: JsonObject): string[] | undefined {
  return optionalArray(body, 'stop_sequences')?.map((value, index) => {
    if (typeof value !== 'string') throw invalid(`stop_sequences[${index}]`, 'a string', value)
    return value
  })
}
