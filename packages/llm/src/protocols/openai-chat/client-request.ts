import { createError } from '../../errors.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type {
  ChatRequest,
  FunctionTool,
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
import { objectOf } from '../wire.ts'
import { parseCacheControl, parseMessages } from './client-messages.ts'
import { PARAMS } from './request.ts'

const EFFORTS: readonly ReasoningEffort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

/** Fields this reader understands; all others are forwarded untouched. */
const KNOWN = new Set<string>([
  ...PARAMS,
  'model',
  'messages',
  'stream',
  'stream_options',
  'functions',
  'function_call',
  'max_completion_tokens',
])

/** Reads a `/chat/completions` body. */
export function parseRequest(body: JsonObject): ChatRequest {
  const model = requiredString(body, 'model')
  if (model === '') throw missing('model')
  const messages = requiredArray(body, 'messages')
  const streamOptions = optionalObject(body, 'stream_options')
  return {
    model,
    messages: parseMessages(messages),
    stream: optionalBoolean(body, 'stream') ?? false,
    includeUsage:
      streamOptions === undefined
        ? undefined
        : optionalBoolean(streamOptions, 'include_usage', 'stream_options.include_usage'),
    tools: parseTools(body),
    toolChoice: parseToolChoice(body),
    parallelToolCalls: optionalBoolean(body, 'parallel_tool_calls'),
    responseFormat: parseResponseFormat(body),
    reasoning: parseReasoning(body),
    maxTokens:
      optionalNumber(body, 'max_completion_tokens', { min: 1, integer: true }) ??
      optionalNumber(body, 'max_tokens', { min: 1, integer: true }),
    temperature: optionalNumber(body, 'temperature', { min: 0, max: 2 }),
    topP: optionalNumber(body, 'top_p', { min: 0, max: 1 }),
    topK: optionalNumber(body, 'top_k', { integer: true }),
    stop: parseStop(body),
    seed: optionalNumber(body, 'seed', { integer: true }),
    n: optionalNumber(body, 'n', { min: 1, integer: true }),
    presencePenalty: optionalNumber(body, 'presence_penalty', { min: -2, max: 2 }),
    frequencyPenalty: optionalNumber(body, 'frequency_penalty', { min: -2, max: 2 }),
    logitBias: parseLogitBias(body),
    logprobs: optionalBoolean(body, 'logprobs'),
    topLogprobs: optionalNumber(body, 'top_logprobs', { min: 0, max: 20, integer: true }),
    user: optionalString(body, 'user'),
    verbosity: optionalWord(body, 'verbosity', ['low', 'medium', 'high']),
    serviceTier: optionalString(body, 'service_tier'),
    modalities: parseStrings(body, 'modalities'),
    audio: optionalObject(body, 'audio'),
    prediction: optionalObject(body, 'prediction'),
    webSearch: optionalObject(body, 'web_search_options'),
    store: optionalBoolean(body, 'store'),
    metadata: optionalObject(body, 'metadata'),
    safetyIdentifier: optionalString(body, 'safety_identifier'),
    promptCacheKey: optionalString(body, 'prompt_cache_key'),
    extra: restOf(body, KNOWN),
  }
}

function parseTools(body: JsonObject): Tool[] | undefined {
  const tools = optionalArray(body, 'tools')
  if (tools !== undefined) return tools.map((tool, index) => parseTool(tool, `tools[${index}]`))
  const functions = optionalArray(body, 'functions')
  return functions?.map((callee, index) =>
    parseFunction(checkObject(callee, `functions[${index}]`), `functions[${index}]`),
  )
}

function parseTool(value: Json, path: string): Tool {
  const tool = checkObject(value, path)
  if (tool.type !== undefined && tool.type !== 'function')
    return { type: 'native', protocol: 'openai-chat', raw: tool }
  const callee = optionalObject(tool, 'function', `${path}.function`)
  if (callee === undefined) throw missing(`${path}.function`)
  const cacheControl = parseCacheControl(tool) ?? parseCacheControl(callee)
  const parsed = parseFunction(callee, `${path}.function`)
  return cacheControl === undefined ? parsed : { ...parsed, cacheControl }
}

function parseFunction(callee: JsonObject, path: string): FunctionTool {
  return {
    type: 'function',
    name: requiredString(callee, 'name', `${path}.name`),
    description: optionalString(callee, 'description', `${path}.description`),
    parameters: optionalObject(callee, 'parameters', `${path}.parameters`),
    strict: optionalBoolean(callee, 'strict', `${path}.strict`),
  }
}

function parseToolChoice(body: JsonObject): ToolChoice | undefined {
  const value = body.tool_choice ?? body.function_call
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') {
    if (value === 'auto' || value === 'none' || value === 'required') return { type: value }
    if (value === 'any') return { type: 'required' }
    throw invalid('tool_choice', "'auto', 'none', 'required' or an object that names a tool", value)
  }
  const choice = checkObject(value, 'tool_choice')
  const callee = objectOf(choice.function) ?? (choice.type === undefined ? choice : undefined)
  if (callee !== undefined)
    return { type: 'tool', name: requiredString(callee, 'name', 'tool_choice.function.name') }
  return { type: 'native', protocol: 'openai-chat', raw: choice }
}

function parseResponseFormat(body: JsonObject): ResponseFormat | undefined {
  const format = optionalObject(body, 'response_format')
  if (format === undefined) return undefined
  const type = requiredString(format, 'type', 'response_format.type')
  if (type === 'text') return { type }
  if (type === 'json_object') {
    const schema = objectOf(format.response_schema) ?? objectOf(format.schema)
    return schema === undefined ? { type: 'json' } : { type: 'json-schema', name: 'response', schema }
  }
  if (type !== 'json_schema')
    throw invalid('response_format.type', "'text', 'json_object' or 'json_schema'", type)
  const path = 'response_format.json_schema'
  const named = optionalObject(format, 'json_schema', path)
  if (named === undefined) throw missing(path)
  return {
    type: 'json-schema',
    name: optionalString(named, 'name', `${path}.name`) ?? 'response',
    schema: optionalObject(named, 'schema', `${path}.schema`) ?? {},
    strict: optionalBoolean(named, 'strict', `${path}.strict`),
    description: optionalString(named, 'description', `${path}.description`),
  }
}

/** `reasoning_effort` as OpenAI has it, and `thinking` as LiteLLM lets callers of Anthropic models write it. */
function parseReasoning(body: JsonObject): ReasoningOptions | undefined {
  const effort = parseEffort(body)
  const thinking = optionalObject(body, 'thinking')
  if (effort === undefined && thinking === undefined) return undefined
  if (thinking === undefined) return { effort }
  const type = optionalWord(thinking, 'type', ['enabled', 'disabled', 'adaptive'], 'thinking.type')
  return {
    effort,
    mode: type,
    budgetTokens: optionalNumber(
      thinking,
      'budget_tokens',
      { min: 0, integer: true },
      'thinking.budget_tokens',
    ),
  }
}

function parseEffort(body: JsonObject): ReasoningEffort | undefined {
  const value = body.reasoning_effort
  const object = objectOf(value)
  return object === undefined
    ? optionalWord(body, 'reasoning_effort', EFFORTS)
    : optionalWord(object, 'effort', EFFORTS, 'reasoning_effort.effort')
}

function parseStop(body: JsonObject): string[] | undefined {
  if (typeof body.stop === 'string') return [body.stop]
  return parseStrings(body, 'stop')
}

function parseStrings(body: JsonObject, key: string): string[] | undefined {
  return optionalArray(body, key)?.map((member, index) => {
    if (typeof member !== 'string') throw invalid(`${key}[${index}]`, 'a string', member)
    return member
  })
}

function parseLogitBias(body: JsonObject): Record<string, number> | undefined {
  const bias = optionalObject(body, 'logit_bias')
  if (bias === undefined) return undefined
  const result: Record<string, number> = {}
  for (const [token, value] of Object.entries(bias)) {
    if (typeof value !== 'number') throw invalid(`logit_bias.${token}`, 'a number', value)
    if (value < -100 || value > 100)
      throw createError({
        code: 'bad_request',
        message: `Invalid value for 'logit_bias.${token}': expected a number between -100 and 100, got ${value}.`,
        param: `logit_bias.${token}`,
        reason: 'out_of_range',
      })
    result[token] = value
  }
  return result
}
