import type { Answer } from '../../types/answer.ts'
import type { JsonObject } from '../../types/json.ts'
import type { AnswerPart, ToolCallPart } from '../../types/message.ts'
import type { AnswerContext } from '../protocol.ts'
import { argumentsObject, compact } from '../wire.ts'
import { parseMetadata } from './answer.ts'
import { renderCitation } from './citations.ts'
import { renderStopReason } from './finish.ts'
import { renderUsage } from './usage.ts'

/** Writes a whole `message`. This wire has one answer a call: of several choices the first is it. */
export function renderAnswer(answer: Answer, context: AnswerContext): JsonObject {
  const [choice] = answer.choices
  const finish = choice?.finish ?? { reason: 'other' }
  return {
    id: messageId(context.id),
    type: 'message',
    role: 'assistant',
    model: context.model,
    content: (choice?.parts ?? []).flatMap(renderPart),
    stop_reason: renderStopReason(finish),
    stop_sequence: finish.stopSequence ?? null,
    usage: renderUsage(answer.usage),
    ...parseMetadata(answer.metadata ?? {}),
  }
}

export function messageId(id: string): string {
  return id.startsWith('msg_') ? id : `msg_${id}`
}

function renderPart(part: AnswerPart): JsonObject[] {
  switch (part.type) {
    case 'text': {
      if (part.text === '') return []
      const citations = part.annotations?.map(renderCitation)
      return [compact({ type: 'text', text: part.text, citations })]
    }
    case 'refusal':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }]
    case 'reasoning':
      if (part.redacted !== undefined) return [{ type: 'redacted_thinking', data: part.redacted }]
      if (part.text === '' && part.signature === undefined) return []
      return [{ type: 'thinking', thinking: part.text, signature: part.signature ?? '' }]
    case 'tool-call':
      return [renderToolUse(part)]
    case 'opaque':
      return part.protocol === 'anthropic-messages' ? [part.raw] : []
    case 'audio':
      return part.transcript === undefined ? [] : [{ type: 'text', text: part.transcript }]
    default:
      return []
  }
}

function renderToolUse(part: ToolCallPart): JsonObject {
  return {
    type: 'tool_use',
    id: part.id,
    name: part.name,
    input: argumentsObject(part.arguments),
    ...(part.dialect?.protocol === 'anthropic-messages' ? part.dialect.fields : {}),
  }
}
