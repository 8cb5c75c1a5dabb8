import { createError } from '../../errors.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type {
  AnswerPart,
  FilePart,
  ImagePart,
  MediaSource,
  Message,
  TextPart,
  UserPart,
} from '../../types/message.ts'
import type { Quirks } from '../../types/quirks.ts'
import type { ChatRequest, RequestParam, ResponseFormat, Tool, ToolChoice } from '../../types/request.ts'
import type { RenderContext, WireRequest } from '../protocol.ts'
import { compact } from '../wire.ts'
import { renderReasoning, renderReasoningFields } from './reasoning.ts'

/** What `chat/completions` can say. */
export const PARAMS: ReadonlySet<RequestParam> = new Set<RequestParam>([
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'reasoning_effort',
  'thinking',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'seed',
  'n',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'user',
  'verbosity',
  'service_tier',
  'modalities',
  'audio',
  'prediction',
  'web_search_options',
  'store',
  'metadata',
  'safety_identifier',
  'prompt_cache_key',
])

/** Writes a call to `/chat/completions`. */
export function renderRequest(request: ChatRequest, context: RenderContext): WireRequest {
  const { quirks } = context
  const streamUsage = request.stream && quirks.streamUsage !== 'unasked'
  const body = compact({
    model: context.model,
    messages: renderMessages(request.messages, quirks),
    stream: request.stream ? true : undefined,
    stream_options: streamUsage ? { include_usage: true } : undefined,
    tools: renderTools(request.tools),
    tool_choice: renderToolChoice(request.toolChoice, quirks),
    parallel_tool_calls: request.tools === undefined ? undefined : request.parallelToolCalls,
    response_format: renderResponseFormat(request.responseFormat, quirks),
    ...renderReasoning(request.reasoning, quirks),
    [quirks.maxTokensField ?? 'max_tokens']: request.maxTokens,
    temperature: bounded(request.temperature, quirks.maxTemperature),
    top_p: request.topP,
    top_k: request.topK,
    stop: request.stop,
    [quirks.seedField ?? 'seed']: request.seed,
    n: request.n,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    logit_bias: request.logitBias,
    logprobs: request.logprobs,
    top_logprobs: request.topLogprobs,
    user: request.user,
    verbosity: request.verbosity,
    service_tier: request.serviceTier,
    modalities: request.modalities,
    audio: request.audio,
    prediction: request.prediction,
    web_search_options: request.webSearch,
    store: request.store,
    metadata: request.metadata,
    safety_identifier: request.safetyIdentifier,
    prompt_cache_key: request.promptCacheKey,
  })
  const format = request.responseFormat
  if (format?.type === 'json-schema' && quirks.jsonSchema === 'json-object')
    addInstruction(body, schemaInstruction(format))
  const dialect = request.dialect?.protocol === 'openai-chat' ? request.dialect.fields : undefined
  return {
    path: quirks.chatPath ?? '/chat/completions',
    body: { ...quirks.extraBody, ...dialect, ...request.extra, ...body },
  }
}

function bounded(value: number | undefined, max: number | undefined): number | undefined {
  return value === undefined || max === undefined ? value : Math.min(value, max)
}

function renderMessages(messages: readonly Message[], quirks: Quirks): JsonObject[] {
  const rendered = messages.flatMap((message) => renderMessage(message, quirks))
  return quirks.alternatingRoles === true ? mergeNeighbours(rendered) : rendered
}

function renderMessage(message: Message, quirks: Quirks): JsonObject[] {
  switch (message.role) {
    case 'system':
    case 'developer':
      return [
        compact({
          role: quirks.systemRole ?? message.role,
          content: renderTexts(message.content, quirks),
          name: nameOf(message, quirks),
        }),
      ]
    case 'user':
      return [
        compact({
          role: 'user',
          content: renderUserContent(message.content, quirks),
          name: nameOf(message, quirks),
        }),
      ]
    case 'assistant':
      return [renderAssistant(message.content, quirks, nameOf(message, quirks), message.prefix)]
    case 'tool': {
      const texts = message.content.filter((part) => part.type === 'text')
      const media = message.content.filter((part) => part.type !== 'text')
      const result = compact({
        role: 'tool',
        tool_call_id: quirks.shortToolCallIds === true ? shortId(message.toolCallId) : message.toolCallId,
        name: quirks.shortToolCallIds === true ? message.toolName : undefined,
        content: renderTexts(texts, quirks),
      })
      if (media.length === 0) return [result]
      // Tool messages hold only text on this wire; what else the tool returned follows as a user turn.
      return [result, { role: 'user', content: renderUserContent(media, quirks) }]
    }
  }
}

function nameOf({ name }: { name?: string | undefined }, quirks: Quirks): string | undefined {
  return quirks.dropNames === true ? undefined : name
}

/** A lone text without a cache mark is a plain string: every server takes that. */
function renderTexts(parts: readonly TextPart[], quirks: Quirks): Json {
  const marked = parts.some((part) => part.cacheControl !== undefined)
  if (quirks.flattenContent === true || (!marked && parts.length <= 1))
    return parts.map((part) => part.text).join('\n')
  return parts.map(renderText)
}

function renderText(part: TextPart): JsonObject {
  return compact({ type: 'text', text: part.text, cache_control: renderCacheControl(part) })
}

function renderCacheControl(part: {
  cacheControl?: { ttl?: string | undefined } | undefined
}): JsonObject | undefined {
  return part.cacheControl === undefined
    ? undefined
    : compact({ type: 'ephemeral', ttl: part.cacheControl.ttl })
}

function renderUserContent(parts: readonly UserPart[], quirks: Quirks): Json {
  const texts = parts.filter((part) => part.type === 'text')
  if (texts.length === parts.length) return renderTexts(texts, quirks)
  return parts.map((part) => renderUserPart(part))
}

function renderUserPart(part: UserPart): JsonObject {
  switch (part.type) {
    case 'text':
      return renderText(part)
    case 'image':
      return renderImage(part)
    case 'audio':
      return { type: 'input_audio', input_audio: renderAudioInput(part.source) }
    case 'file':
      return renderFile(part)
  }
}

function renderImage(part: ImagePart): JsonObject {
  if (part.source.type === 'file-id') return { type: 'file', file: { file_id: part.source.id } }
  return compact({
    type: 'image_url',
    image_url: compact({ url: urlOf(part.source), detail: part.detail }),
    cache_control: renderCacheControl(part),
  })
}

function renderAudioInput(source: MediaSource): JsonObject {
  if (source.type !== 'base64')
    throw createError({
      code: 'bad_request',
      message: 'Audio input must be sent as base64 data: this API takes no address for it.',
      param: 'messages',
    })
  const format = source.mediaType.replace(/^audio\//, '').replace(/^x-/, '')
  return { data: source.data, format: format === 'mpeg' ? 'mp3' : format }
}

function renderFile(part: FilePart): JsonObject {
  const { source } = part
  const file: JsonObject =
    source.type === 'file-id'
      ? { file_id: source.id, filename: part.name }
      : { filename: part.name, file_data: urlOf(source) }
  return compact({ type: 'file', file: compact(file), cache_control: renderCacheControl(part) })
}

export function urlOf(source: Exclude<MediaSource, { type: 'file-id' }>): string {
  return source.type === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`
}

/** An assistant's turn, with its reasoning under the name the service wants back. */
function renderAssistant(
  parts: readonly AnswerPart[],
  quirks: Quirks,
  name?: string,
  prefix?: boolean,
): JsonObject {
  const texts = parts.filter((part) => part.type === 'text')
  const calls = parts.filter((part) => part.type === 'tool-call')
  const refusal = parts.filter((part) => part.type === 'refusal').map((part) => part.text)
  const audio = parts.find((part) => part.type === 'audio' && part.id !== undefined)
  const thinking = renderReasoningEcho(parts, quirks, texts)
  const content = thinking.content ?? (texts.length === 0 ? null : renderTexts(texts, quirks))
  return compact({
    role: 'assistant',
    content,
    ...thinking.fields,
    refusal: refusal.length > 0 ? refusal.join('') : undefined,
    audio: audio?.type === 'audio' ? { id: audio.id } : undefined,
    tool_calls:
      calls.length === 0
        ? undefined
        : calls.map((call) => {
            const id = quirks.shortToolCallIds === true ? shortId(call.id) : call.id
            if (call.custom === true)
              return { id, type: 'custom', custom: { name: call.name, input: call.arguments } }
            return compact({
              id,
              type: 'function',
              function: { name: call.name, arguments: call.arguments === '' ? '{}' : call.arguments },
              extra_content:
                call.signature === undefined ? undefined : { google: { thought_signature: call.signature } },
            })
          }),
    name,
    prefix,
  })
}

/** What a service wants to see again of its own thinking. */
function renderReasoningEcho(
  parts: readonly AnswerPart[],
  quirks: Quirks,
  texts: readonly TextPart[],
): { fields: JsonObject; content?: Json } {
  const reasoning = parts.filter((part) => part.type === 'reasoning')
  if (reasoning.length === 0) return { fields: {} }
  const text = reasoning.map((part) => part.text).join('')
  switch (quirks.reasoningEcho) {
    case 'reasoning_content':
      return { fields: { reasoning_content: text } }
    case 'reasoning_content-with-calls':
      return { fields: parts.some((part) => part.type === 'tool-call') ? { reasoning_content: text } : {} }
    case 'thinking_blocks':
      return { fields: renderReasoningFields(reasoning) }
    case 'reasoning':
      return { fields: { reasoning: text } }
    case 'reasoning_details': {
      const details = reasoning.flatMap((part) => part.details ?? [])
      return {
        fields: details.length > 0 ? { reasoning: text, reasoning_details: details } : { reasoning: text },
      }
    }
    case 'thinking-part':
      return {
        fields: {},
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text }] },
          ...texts.map((part) => ({ type: 'text', text: part.text })),
        ],
      }
    default:
      return { fields: {} }
  }
}

function renderTools(tools: readonly Tool[] | undefined): JsonObject[] | undefined {
  const rendered = tools?.flatMap((tool): JsonObject[] => {
    if (tool.type === 'native') return tool.protocol === 'openai-chat' ? [tool.raw] : []
    return [
      compact({
        type: 'function',
        function: compact({
          name: tool.name,
          description: tool.description,
          parameters: tool.parameters,
          strict: tool.strict,
        }),
        cache_control: renderCacheControl(tool),
      }),
    ]
  })
  return rendered === undefined || rendered.length === 0 ? undefined : rendered
}

function renderToolChoice(choice: ToolChoice | undefined, quirks: Quirks): Json | undefined {
  if (choice === undefined) return undefined
  switch (choice.type) {
    case 'tool':
      return { type: 'function', function: { name: choice.name } }
    case 'native':
      return choice.protocol === 'openai-chat' ? choice.raw : undefined
    case 'required':
      if (quirks.toolChoiceRequired === 'unsupported') return 'auto'
      return quirks.toolChoiceRequired ?? 'required'
    default:
      return choice.type
  }
}

function renderResponseFormat(format: ResponseFormat | undefined, quirks: Quirks): JsonObject | undefined {
  if (format === undefined) return undefined
  if (format.type === 'text') return { type: 'text' }
  if (format.type === 'json' || quirks.jsonSchema === 'json-object') return { type: 'json_object' }
  return {
    type: 'json_schema',
    json_schema: compact({
      name: format.name,
      description: format.description,
      schema: format.schema,
      strict: format.strict,
    }),
  }
}

function schemaInstruction(format: Extract<ResponseFormat, { type: 'json-schema' }>): string {
  return `Answer with one JSON object that is valid against this JSON Schema, and nothing else:\n${JSON.stringify(format.schema)}`
}

function addInstruction(body: JsonObject, instruction: string): void {
  const messages = Array.isArray(body.messages) ? body.messages : []
  body.messages = [{ role: 'system', content: instruction }, ...messages]
}

/** Joins neighbours of one role, for services that want strict alternation. */
function mergeNeighbours(messages: JsonObject[]): JsonObject[] {
  const merged: JsonObject[] = []
  for (const message of messages) {
    const previous = merged.at(-1)
    const { content } = message
    if (
      previous?.role === message.role &&
      typeof previous?.content === 'string' &&
      typeof content === 'string'
    )
      previous.content = `${previous.content}\n\n${content}`
    else merged.push({ ...message })
  }
  return merged
}

/** A nine-character id made from a longer one, the same each time, so that call and result still meet. */
function shortId(id: string): string {
  if (/^[a-zA-Z0-9]{9}$/.test(id)) return id
  let hash = 0xcbf29ce484222325n
  for (let index = 0; index < id.length; index++)
    hash = BigInt.asUintN(64, (hash ^ BigInt(id.charCodeAt(index))) * 0x100000001b3n)
  return hash.toString(36).padStart(9, '0').slice(-9)
}
