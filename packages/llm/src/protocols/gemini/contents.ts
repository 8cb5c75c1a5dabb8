import type { JsonObject } from '../../types/json.ts'
import type { AnswerPart, Message, ToolCallPart, ToolMessage, UserPart } from '../../types/message.ts'
import type { Quirks } from '../../types/quirks.ts'
import { argumentsObject, compact, objectOf, parseJson } from '../wire.ts'
import { wireCallId } from './ids.ts'
import { renderMedia } from './media.ts'

/** A conversation as Gemini takes it: instructions apart, then turns of `user` and `model`. */
export interface Conversation {
  systemInstruction: JsonObject | undefined
  contents: JsonObject[]
}

interface Turn {
  role: 'user' | 'model'
  parts: JsonObject[]
}

export function renderConversation(messages: readonly Message[], quirks: Quirks): Conversation {
  const instructions: JsonObject[] = []
  const turns: Turn[] = []
  /** Results name the tool, which other wires only say with the call. */
  const toolNames = new Map<string, string>()
  const add = (role: Turn['role'], parts: JsonObject[]): void => {
    if (parts.length === 0) return
    const previous = turns.at(-1)
    if (previous?.role === role) previous.parts.push(...parts)
    else turns.push({ role, parts })
  }
  for (const message of messages) {
    switch (message.role) {
      case 'system':
      case 'developer':
        for (const part of message.content) if (part.text !== '') instructions.push({ text: part.text })
        break
      case 'user':
        add('user', message.content.flatMap(renderUserPart))
        break
      case 'assistant':
        for (const part of message.content) if (part.type === 'tool-call') toolNames.set(part.id, part.name)
        add('model', renderAnswerParts(message.content, quirks))
        break
      case 'tool':
        add('user', renderToolResult(message, message.toolName ?? toolNames.get(message.toolCallId), quirks))
    }
  }
  // Instructions alone are refused: there has to be a turn.
  if (turns.length === 0) turns.push({ role: 'user', parts: [{ text: ' ' }] })
  return {
    systemInstruction: instructions.length > 0 ? { parts: instructions } : undefined,
    contents: turns.map(({ role, parts }) => ({ role, parts })),
  }
}

function renderUserPart(part: UserPart): JsonObject[] {
  if (part.type !== 'text') return [renderMedia(part.source)]
  return renderText(part)
}

function renderText(part: { text: string; signature?: string | undefined }): JsonObject[] {
  if (part.text === '' && part.signature === undefined) return []
  return [compact({ text: part.text, thoughtSignature: part.signature })]
}

/** The parts of a model's turn, with the signatures by which Gemini recognises its own thoughts. */
export function renderAnswerParts(parts: readonly AnswerPart[], quirks: Quirks): JsonObject[] {
  const unsigned = parts.every((part) => part.type !== 'tool-call' || part.signature === undefined)
  // Only the first of parallel calls carries a signature.
  let stamp = unsigned ? quirks.unsignedCallSignature : undefined
  return parts.flatMap((part): JsonObject[] => {
    switch (part.type) {
      case 'text':
        return renderText(part)
      case 'reasoning':
        if (part.text === '' && part.signature === undefined) return []
        return [compact({ text: part.text, thought: true, thoughtSignature: part.signature })]
      case 'refusal':
        return renderText({ text: part.text })
      case 'tool-call': {
        const call = renderCall(part, part.signature ?? stamp)
        stamp = undefined
        return [call]
      }
      case 'image':
        return [
          {
            ...renderMedia(part.source),
            ...(part.signature === undefined ? {} : { thoughtSignature: part.signature }),
          },
        ]
      case 'audio':
        // Sound that its provider keeps under an id cannot be sent elsewhere; its words can.
        if (part.source.type === 'base64' && part.source.data === '')
          return renderText({ text: part.transcript ?? '' })
        return [renderMedia(part.source)]
      case 'file':
        return [renderMedia(part.source)]
      case 'opaque':
        return part.protocol === 'gemini' ? [part.raw] : []
    }
  })
}

function renderCall(part: ToolCallPart, signature: string | undefined): JsonObject {
  const call = compact({ id: wireCallId(part.id), name: part.name, args: argumentsObject(part.arguments) })
  return compact({ functionCall: call, thoughtSignature: signature })
}

/** A result is an object: the tool's own where it returned one, else its text under `output` or `error`. */
function renderToolResult(message: ToolMessage, name: string | undefined, quirks: Quirks): JsonObject[] {
  const texts = message.content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  const media = message.content.flatMap((part) => (part.type === 'text' ? [] : [renderMedia(part.source)]))
  const text = texts.join('\n')
  const structured = message.isError === true ? undefined : objectOf(parseJson(text))
  const plain =
    text === '' && media.length > 0 ? {} : { [message.isError === true ? 'error' : 'output']: text }
  const inside = quirks.toolResultMedia === 'inside' && media.length > 0
  const result = compact({
    id: wireCallId(message.toolCallId),
    name: name ?? message.toolCallId,
    response: structured ?? plain,
    parts: inside ? media : undefined,
  })
  return [{ functionResponse: result }, ...(inside ? [] : media)]
}
