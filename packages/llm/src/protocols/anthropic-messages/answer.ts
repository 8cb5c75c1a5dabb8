import { createError } from '../../errors.ts'
import type { Answer } from '../../types/answer.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { AnswerPart, DialectFields, TextPart } from '../../types/message.ts'
import type { ParseContext } from '../protocol.ts'
import { argumentsText, compact, objectOf, objectsOf, stringOf, textOf } from '../wire.ts'
import { parseCitation } from './citations.ts'
import { failureOfBody } from './failure.ts'
import { parseFinish } from './finish.ts'
import { JSON_ANSWER_TOOL } from './json-answer.ts'
import { parseUsage } from './usage.ts'

/** Reads a whole `message`. */
export function parseAnswer(body: Json, context: ParseContext): Answer {
  const message = objectOf(body)
  if (message?.type === 'error' || objectOf(message?.error) !== undefined)
    throw createError(failureOfBody(body, context))
  if (message === undefined || !Array.isArray(message.content))
    throw createError({
      code: 'invalid_response',
      message: `${context.provider}: the answer is not a message: it has no 'content' list.`,
      provider: context.provider,
      model: context.model,
    })
  const blocks = objectsOf(message.content)
  const usage = parseUsage(message.usage)
  const serviceTier = textOf(objectOf(message.usage)?.service_tier)
  const metadata = parseMetadata(message)
  return {
    id: stringOf(message.id) ?? '',
    model: stringOf(message.model) ?? '',
    choices: [
      {
        parts: parseBlocks(blocks, context),
        finish: parseFinish(
          {
            stopReason: message.stop_reason,
            stopSequence: message.stop_sequence,
            jsonAnswer: isJsonAnswer(blocks),
          },
          context.quirks,
        ),
      },
    ],
    ...(usage === undefined ? {} : { usage }),
    ...(serviceTier === undefined ? {} : { serviceTier }),
    ...(metadata === undefined ? {} : { metadata }),
  }
}

/** What Anthropic says about an answer as a whole and our form has no place for. */
const METADATA = ['stop_details', 'container', 'context_management', 'input_transformations'] as const

export function parseMetadata(...sources: JsonObject[]): JsonObject | undefined {
  const metadata: JsonObject = {}
  for (const source of sources)
    for (const field of METADATA) {
      const value = source[field]
      if (value !== undefined && value !== null) metadata[field] = value
    }
  return Object.keys(metadata).length > 0 ? metadata : undefined
}

function isJsonAnswer(blocks: readonly JsonObject[]): boolean {
  const calls = blocks.filter((block) => block.type === 'tool_use')
  return calls.length > 0 && calls.every((block) => block.name === JSON_ANSWER_TOOL)
}

function parseBlocks(blocks: readonly JsonObject[], context: ParseContext): AnswerPart[] {
  let offset = 0
  return blocks.map((block) => {
    const part = parseBlock(block, context, offset)
    if (part.type === 'text') offset += part.text.length
    return part
  })
}

function parseBlock(block: JsonObject, context: ParseContext, offset: number): AnswerPart {
  switch (block.type) {
    case 'text':
      return parseText(block, offset)
    case 'thinking': {
      const signature = textOf(block.signature)
      return {
        type: 'reasoning',
        text: stringOf(block.thinking) ?? '',
        ...(signature === undefined ? {} : { signature }),
      }
    }
    case 'redacted_thinking':
      return { type: 'reasoning', text: '', redacted: stringOf(block.data) ?? '' }
    case 'tool_use': {
      const input = argumentsText(block.input)
      if (block.name === JSON_ANSWER_TOOL) return { type: 'text', text: input }
      const dialect = callDialect(block)
      return {
        type: 'tool-call',
        id: textOf(block.id) ?? `toolu_${context.newId()}`,
        name: stringOf(block.name) ?? '',
        arguments: input === '' ? '{}' : input,
        ...(dialect === undefined ? {} : { dialect }),
      }
    }
    default:
      return {
        type: 'opaque',
        protocol: 'anthropic-messages',
        kind: stringOf(block.type) ?? 'unknown',
        raw: block,
      }
  }
}

function parseText(block: JsonObject, offset: number): TextPart {
  const text = stringOf(block.text) ?? ''
  const range = { startIndex: offset, endIndex: offset + text.length }
  const annotations = objectsOf(block.citations).map((citation) => parseCitation(citation, range))
  return { type: 'text', text, ...(annotations.length > 0 ? { annotations } : {}) }
}

/** Who called a tool, when it was not the model itself but code that it runs at the provider. */
export function callDialect(block: JsonObject): DialectFields | undefined {
  const caller = objectOf(block.caller)
  if (caller === undefined || caller.type === 'direct') return undefined
  return { protocol: 'anthropic-messages', fields: compact({ caller }) }
}
