import { createError } from '../../errors.ts'
import type { Answer } from '../../types/answer.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { AnswerPart, TextPart } from '../../types/message.ts'
import { JSON_ANSWER_TOOL } from '../anthropic-messages/json-answer.ts'
import type { ParseContext } from '../protocol.ts'
import { arrayOf, argumentsText, compact, objectOf, objectsOf, stringOf, textOf } from '../wire.ts'
import { parseCitation } from './citations.ts'
import { finishReason } from './finish.ts'
import { parseUsage } from './usage.ts'

/** Fields of an answer that are kept as metadata. */
const METADATA = ['metrics', 'trace', 'additionalModelResponseFields', 'performanceConfig'] as const

export function parseAnswer(body: Json, context: ParseContext): Answer {
  const answer = objectOf(body)
  const message = objectOf(objectOf(answer?.['output'])?.['message'])
  if (answer === undefined || message === undefined)
    throw createError({
      code: 'invalid_response',
      message: `${context.provider}: the answer holds no message.`,
      provider: context.provider,
      model: context.model,
    })
  const parts = parseContent(objectsOf(message['content']), context)
  const rawReason = textOf(answer['stopReason'])
  const onlyJson = hasJsonAnswer(message) && !parts.some((part) => part.type === 'tool-call')
  return {
    id: '',
    model: '',
    choices: [{ parts, finish: { reason: finishReason(rawReason ?? 'end_turn', onlyJson), rawReason } }],
    usage: parseUsage(objectOf(answer['usage'])),
    serviceTier: textOf(objectOf(answer['serviceTier'])?.['type']),
    metadata: metadataOf(answer),
  }
}

export function metadataOf(raw: JsonObject): JsonObject | undefined {
  const metadata = compact(Object.fromEntries(METADATA.map((key) => [key, raw[key]])))
  return Object.keys(metadata).length > 0 ? metadata : undefined
}

function parseContent(blocks: readonly JsonObject[], context: ParseContext): AnswerPart[] {
  const parts: AnswerPart[] = []
  for (const block of blocks) {
    const part = parseBlock(block, context)
    if (part === undefined) continue
    // Citations without words of their own support the text before them.
    const last = parts.at(-1)
    if (part.type === 'text' && part.text === '' && part.annotations !== undefined && last?.type === 'text')
      last.annotations = [...(last.annotations ?? []), ...part.annotations]
    else parts.push(part)
  }
  return parts
}

function parseBlock(block: JsonObject, context: ParseContext): AnswerPart | undefined {
  const text = stringOf(block['text'])
  if (text !== undefined) return text === '' ? undefined : { type: 'text', text }
  const reasoning = objectOf(block['reasoningContent'])
  if (reasoning !== undefined) return parseReasoning(reasoning)
  const toolUse = objectOf(block['toolUse'])
  if (toolUse !== undefined) return parseToolUse(toolUse, block, context)
  const cited = objectOf(block['citationsContent'])
  if (cited !== undefined) return parseCited(cited)
  const image = objectOf(block['image'])
  const data = textOf(objectOf(image?.['source'])?.['bytes'])
  if (data !== undefined)
    return {
      type: 'image',
      source: { type: 'base64', mediaType: `image/${stringOf(image?.['format']) ?? 'png'}`, data },
    }
  const [kind] = Object.keys(block)
  return kind === undefined ? undefined : { type: 'opaque', protocol: 'bedrock-converse', kind, raw: block }
}

function parseReasoning(reasoning: JsonObject): AnswerPart {
  const redacted = textOf(reasoning['redactedContent'])
  if (redacted !== undefined) return { type: 'reasoning', text: '', redacted }
  const content = objectOf(reasoning['reasoningText'])
  const signature = textOf(content?.['signature'])
  const text = stringOf(content?.['text']) ?? ''
  return signature === undefined ? { type: 'reasoning', text } : { type: 'reasoning', text, signature }
}

function parseToolUse(toolUse: JsonObject, block: JsonObject, context: ParseContext): AnswerPart {
  // Tools that the provider runs itself (Nova's grounding and code interpreter).
  if (isServerTool(toolUse))
    return { type: 'opaque', protocol: 'bedrock-converse', kind: 'server_tool_use', raw: block }
  const name = stringOf(toolUse['name']) ?? ''
  const input = argumentsText(toolUse['input'])
  if (name === JSON_ANSWER_TOOL) return { type: 'text', text: input }
  return { type: 'tool-call', id: textOf(toolUse['toolUseId']) ?? context.newId(), name, arguments: input }
}

export function isServerTool(toolUse: JsonObject): boolean {
  return toolUse['type'] === 'server_tool_use'
}

function parseCited(cited: JsonObject): TextPart {
  const text = objectsOf(cited['content'])
    .map((piece) => stringOf(piece['text']) ?? '')
    .join('')
  const annotations = objectsOf(cited['citations']).map(parseCitation)
  return annotations.length > 0 ? { type: 'text', text, annotations } : { type: 'text', text }
}

function hasJsonAnswer(message: JsonObject): boolean {
  return arrayOf(message['content']).some((block) => {
    return objectOf(objectOf(block)?.['toolUse'])?.['name'] === JSON_ANSWER_TOOL
  })
}
