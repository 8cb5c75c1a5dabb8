import { createError } from '../../errors.ts'
import type { Answer, AnswerChoice, Finish } from '../../types/answer.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { Annotation, AnswerPart, ToolCallPart } from '../../types/message.ts'
import type { ParseContext } from '../protocol.ts'
import {
  argumentsText,
  arrayOf,
  countOf,
  objectOf,
  objectsOf,
  parseDataUrl,
  stringOf,
  textOf,
} from '../wire.ts'
import { readEmbeddedFailure } from './embedded-failure.ts'
import { parseFinishReason } from './finish.ts'
import { splitThinkTags } from './think-tags.ts'
import { findUsage } from './usage.ts'

/** Fields of the answer's root that our form has its own place for, or that say nothing. */
const KNOWN_ROOT = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'service_tier',
  'system_fingerprint',
  'x_groq',
  'citations',
  'obfuscation',
])

/** Reads a whole `chat.completion`. */
export function parseAnswer(body: Json, context: ParseContext): Answer {
  const root = objectOf(body) ?? {}
  const failure = readEmbeddedFailure(root, context)
  if (failure !== undefined) throw failure
  const choices = objectsOf(root.choices)
  if (choices.length === 0)
    throw createError({
      code: 'invalid_response',
      message: `${context.provider}: the answer is not a chat completion (no choices)`,
      provider: context.provider,
      model: context.model,
    })
  const model = textOf(root.model)
  const sources = citationsOf(root)
  return {
    id: stringOf(root.id) ?? '',
    model: model ?? '',
    createdS: countOf(root.created),
    choices: choices.map((choice) => parseChoice(choice, sources, context)),
    usage: findUsage(root, context.quirks),
    serviceTier: textOf(root.service_tier),
    systemFingerprint: textOf(root.system_fingerprint),
    metadata: metadataOf(root),
  }
}

/** What the root says beyond our form, kept as it is. */
export function metadataOf(root: JsonObject): JsonObject | undefined {
  const rest: JsonObject = {}
  for (const key in root) if (!KNOWN_ROOT.has(key) && root[key] !== null) rest[key] = root[key]
  return Object.keys(rest).length > 0 ? rest : undefined
}

function parseChoice(choice: JsonObject, sources: Annotation[], context: ParseContext): AnswerChoice {
  const message = objectOf(choice.message) ?? objectOf(choice.delta) ?? { content: choice.text }
  const parts = parseMessage(message, context)
  if (sources.length > 0) {
    const text = parts.findLast((part) => part.type === 'text')
    if (text !== undefined) text.annotations = [...(text.annotations ?? []), ...sources]
  }
  const calls = parts.some((part) => part.type === 'tool-call')
  return {
    parts,
    finish: parseFinish(choice, calls, context),
    ...(hasLogprobs(choice.logprobs) ? { logprobs: choice.logprobs } : {}),
  }
}

/** Some services send the fields without any token. */
export function hasLogprobs(value: Json | undefined): value is JsonObject {
  return Object.values(objectOf(value) ?? {}).some((list) => arrayOf(list).length > 0)
}

/** The end of a choice; without a word it is a stop, or tool calls where there are any. */
export function parseFinish(choice: JsonObject, calls: boolean, context: ParseContext): Finish {
  const word = textOf(choice.finish_reason)
  const stop = choice.stop_reason
  const base: Finish =
    word === undefined
      ? { reason: calls ? 'tool-calls' : 'stop' }
      : { reason: parseFinishReason(word, context.quirks), rawReason: word }
  return typeof stop === 'string' && stop !== word ? { ...base, stopSequence: stop } : base
}

function parseMessage(message: JsonObject, context: ParseContext): AnswerPart[] {
  const parts: AnswerPart[] = []
  parts.push(...parseReasoning(message))
  parts.push(...parseContent(message.content, context))
  const refusal = textOf(message.refusal)
  if (refusal !== undefined) parts.push({ type: 'refusal', text: refusal })
  for (const image of objectsOf(message.images)) {
    const url = textOf(objectOf(image.image_url)?.url)
    if (url !== undefined) parts.push({ type: 'image', source: mediaOf(url) })
  }
  const audio = objectOf(message.audio)
  if (audio !== undefined && textOf(audio.data) !== undefined)
    parts.push({
      type: 'audio',
      source: { type: 'base64', mediaType: 'audio/*', data: textOf(audio.data) ?? '' },
      id: textOf(audio.id),
      transcript: textOf(audio.transcript),
      expiresAtS: countOf(audio.expires_at),
    })
  const annotations = parseAnnotations(message.annotations)
  if (annotations.length > 0) {
    const text = parts.findLast((part) => part.type === 'text')
    if (text === undefined) parts.push({ type: 'text', text: '', annotations })
    else text.annotations = [...(text.annotations ?? []), ...annotations]
  }
  parts.push(...parseToolCalls(message, context))
  return parts
}

/** Reasoning under the names that services give it. */
function parseReasoning(message: JsonObject): AnswerPart[] {
  const details = arrayOf(message.reasoning_details)
  const text = textOf(message.reasoning_content) ?? textOf(message.reasoning) ?? ''
  const blocks = objectsOf(message.thinking_blocks)
  if (blocks.length > 0)
    return blocks.map((block) =>
      block.type === 'redacted_thinking'
        ? { type: 'reasoning', text: '', redacted: textOf(block.data) }
        : { type: 'reasoning', text: stringOf(block.thinking) ?? '', signature: textOf(block.signature) },
    )
  if (text === '' && details.length === 0) return []
  return [{ type: 'reasoning', text, ...(details.length > 0 ? { details } : {}) }]
}

/** Content as a string, or as a list of parts (Mistral's `thinking`, Databricks' `reasoning`). */
function parseContent(content: Json | undefined, context: ParseContext): AnswerPart[] {
  if (typeof content === 'string') {
    if (content === '') return []
    return context.quirks.thinkTags === undefined
      ? [{ type: 'text', text: content }]
      : splitThinkTags(content, context.quirks.thinkTags)
  }
  const parts: AnswerPart[] = []
  for (const part of arrayOf(content)) {
    const reading = parseContentPart(part)
    if (reading === undefined) continue
    const previous = parts.at(-1)
    if (reading.type === 'text' && previous?.type === 'text') previous.text += reading.text
    else parts.push(reading)
  }
  return parts
}

/** One member of a content list; `undefined` for kinds that mean nothing to us (Mistral references). */
export function parseContentPart(part: Json): AnswerPart | undefined {
  if (typeof part === 'string') return { type: 'text', text: part }
  const value = objectOf(part)
  if (value === undefined) return undefined
  switch (value.type) {
    case 'text':
    case 'output_text':
      return { type: 'text', text: stringOf(value.text) ?? '' }
    case 'thinking':
      return {
        type: 'reasoning',
        text: typeof value.thinking === 'string' ? value.thinking : joinTexts(value.thinking),
        signature: textOf(value.signature),
      }
    case 'reasoning': {
      const summary = objectsOf(value.summary)
      const text = textOf(value.text) ?? summary.map((entry) => stringOf(entry.text) ?? '').join('')
      return { type: 'reasoning', text, signature: textOf(summary[0]?.signature) }
    }
    case 'refusal':
      return { type: 'refusal', text: stringOf(value.refusal) ?? '' }
    case 'image_url': {
      const url = textOf(objectOf(value.image_url)?.url)
      return url === undefined ? undefined : { type: 'image', source: mediaOf(url) }
    }
    default:
      return undefined
  }
}

function joinTexts(value: Json | undefined): string {
  return objectsOf(value)
    .map((part) => stringOf(part.text) ?? '')
    .join('')
}

export function mediaOf(
  url: string,
): { type: 'base64'; mediaType: string; data: string } | { type: 'url'; url: string } {
  const data = parseDataUrl(url)
  return data === undefined ? { type: 'url', url } : { type: 'base64', ...data }
}

/** The calls of a message; a lone call may stand without its list (older TGI). */
export function toolCallsOf(message: JsonObject): JsonObject[] {
  const lone = objectOf(message.tool_calls)
  return lone === undefined ? objectsOf(message.tool_calls) : [lone]
}

function parseToolCalls(message: JsonObject, context: ParseContext): ToolCallPart[] {
  const calls = toolCallsOf(message).map((call) => parseToolCall(call, context))
  const legacy = objectOf(message.function_call)
  if (calls.length === 0 && legacy !== undefined && textOf(legacy.name) !== undefined)
    calls.push({
      type: 'tool-call',
      id: `call_${context.newId()}`,
      name: textOf(legacy.name) ?? '',
      arguments: argumentsText(legacy.arguments),
    })
  return calls
}

function parseToolCall(call: JsonObject, context: ParseContext): ToolCallPart {
  const custom = customOf(call)
  const callee = custom ?? objectOf(call.function) ?? {}
  return {
    type: 'tool-call',
    id: textOf(call.id) ?? `call_${context.newId()}`,
    name: stringOf(callee.name) ?? '',
    arguments: custom === undefined ? argumentsText(callee.arguments) : (stringOf(custom.input) ?? ''),
    signature: signatureOf(call),
    ...(custom === undefined ? {} : { custom: true }),
  }
}

/** The free-text form of a call. Services that fill in every field send an empty one beside `function` (Snowflake). */
export function customOf(call: JsonObject): JsonObject | undefined {
  const custom = objectOf(call.custom)
  return call.type === 'custom' || objectOf(call.function) === undefined ? custom : undefined
}

/** Gemini's thought signature as OpenAI-compatible surfaces carry it. */
export function signatureOf(call: JsonObject): string | undefined {
  const google = objectOf(objectOf(call.extra_content)?.google)
  return (
    textOf(google?.thought_signature) ?? textOf(objectOf(call.provider_specific_fields)?.thought_signature)
  )
}

export function parseAnnotations(value: Json | undefined): Annotation[] {
  return objectsOf(value).flatMap((entry): Annotation[] => {
    const citation = objectOf(entry.url_citation)
    const url = textOf(citation?.url)
    if (citation === undefined || url === undefined) return []
    return [
      {
        type: 'url-citation',
        url,
        title: textOf(citation.title),
        startIndex: countOf(citation.start_index),
        endIndex: countOf(citation.end_index),
        citedText: textOf(citation.content),
      },
    ]
  })
}

/** Perplexity's list of addresses at the root of the answer. */
export function citationsOf(root: JsonObject): Annotation[] {
  return arrayOf(root.citations).flatMap((entry): Annotation[] => {
    const url = textOf(entry) ?? textOf(objectOf(entry)?.url)
    return url === undefined ? [] : [{ type: 'url-citation', url, title: textOf(objectOf(entry)?.title) }]
  })
}
