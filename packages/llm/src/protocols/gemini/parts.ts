import type { JsonObject } from '../../types/json.ts'
import type { AnswerPart, OpaquePart, ToolCallPart } from '../../types/message.ts'
import { objectOf, stringOf, textOf } from '../wire.ts'
import { parseMedia } from './media.ts'

/** Parts of tools that Google runs itself: calls of code, searches and maps, and what came out of them. */
const SERVER_PARTS = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse'] as const

/** Reads one part of a model's turn; `undefined` when it holds nothing. */
export function parsePart(part: JsonObject, newCallId: () => string): AnswerPart | undefined {
  const signature = textOf(part.thoughtSignature)
  const signed = signature === undefined ? {} : { signature }
  const call = objectOf(part.functionCall)
  if (call !== undefined) return parseCall(call, signature, newCallId)
  const server = parseServerPart(part)
  if (server !== undefined) return server
  const media = parseMedia(part)
  if (media !== undefined) return media
  const text = stringOf(part.text)
  if (part.thought === true) return { type: 'reasoning', text: text ?? '', ...signed }
  if ((text === undefined || text === '') && signature === undefined) return undefined
  return { type: 'text', text: text ?? '', ...signed }
}

function parseCall(call: JsonObject, signature: string | undefined, newCallId: () => string): ToolCallPart {
  return {
    type: 'tool-call',
    id: textOf(call.id) ?? newCallId(),
    name: stringOf(call.name) ?? '',
    arguments: JSON.stringify(objectOf(call.args) ?? {}),
    ...(signature === undefined ? {} : { signature }),
  }
}

/** Parts only Gemini understands; pictures drawn while thinking are no part of the answer either. */
export function parseServerPart(part: JsonObject): OpaquePart | undefined {
  const kind =
    SERVER_PARTS.find((key) => objectOf(part[key]) !== undefined) ??
    (part.thought === true && objectOf(part.inlineData) !== undefined ? 'thoughtImage' : undefined)
  return kind === undefined ? undefined : { type: 'opaque', protocol: 'gemini', kind, raw: part }
}
