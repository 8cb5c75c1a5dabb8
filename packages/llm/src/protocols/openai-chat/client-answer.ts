import type { Answer, AnswerChoice } from '../../types/answer.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { Annotation, AnswerPart, AudioPart, ReasoningPart, ToolCallPart } from '../../types/message.ts'
import type { AnswerContext } from '../protocol.ts'
import { compact } from '../wire.ts'
import { renderFinishReason } from './finish.ts'
import { renderReasoningFields } from './reasoning.ts'
import { urlOf } from './request.ts'
import { renderUsage } from './usage.ts'

/** Writes a whole `chat.completion`. */
export function renderAnswer(answer: Answer, context: AnswerContext): JsonObject {
  return compact({
    id: context.id,
    object: 'chat.completion',
    created: answer.createdS ?? context.createdS,
    model: context.model,
    choices: answer.choices.map(renderChoice),
    usage: answer.usage === undefined ? undefined : renderUsage(answer.usage),
    service_tier: answer.serviceTier,
    system_fingerprint: answer.systemFingerprint,
  })
}

function renderChoice(choice: AnswerChoice, index: number): JsonObject {
  return {
    index,
    message: renderMessage(choice.parts),
    logprobs: choice.logprobs ?? null,
    finish_reason: renderFinishReason(choice.finish.reason),
  }
}

function renderMessage(parts: readonly AnswerPart[]): JsonObject {
  const texts = parts.filter((part) => part.type === 'text')
  const reasoning = parts.filter((part) => part.type === 'reasoning')
  const calls = parts.filter((part) => part.type === 'tool-call')
  const refusals = parts.filter((part) => part.type === 'refusal')
  const images = parts.filter((part) => part.type === 'image')
  const audio = parts.find((part) => part.type === 'audio')
  const opaque = parts.filter((part) => part.type === 'opaque')
  const annotations = texts.flatMap((part) => part.annotations ?? [])
  const items = renderReasoningItems(reasoning)
  const specific = compact({
    reasoning_items: items.length > 0 ? items : undefined,
    opaque_blocks:
      opaque.length > 0
        ? opaque.map(({ protocol, kind, raw }): JsonObject => ({ protocol, kind, raw }))
        : undefined,
  })
  return compact({
    role: 'assistant',
    content: texts.length > 0 ? texts.map((part) => part.text).join('') : null,
    refusal: refusals.length > 0 ? refusals.map((part) => part.text).join('') : null,
    ...renderReasoningFields(reasoning),
    tool_calls: calls.length > 0 ? calls.map(renderToolCall) : undefined,
    annotations: annotations.length > 0 ? annotations.map(renderAnnotation) : undefined,
    images:
      images.length > 0
        ? images.flatMap((part) =>
            part.source.type === 'file-id'
              ? []
              : [{ type: 'image_url', image_url: { url: urlOf(part.source) } } satisfies JsonObject],
          )
        : undefined,
    audio: audio?.type === 'audio' ? renderAudio(audio) : undefined,
    provider_specific_fields: Object.keys(specific).length > 0 ? specific : undefined,
  })
}

function renderReasoningItems(reasoning: readonly ReasoningPart[]): JsonObject[] {
  return reasoning.flatMap((part) =>
    part.itemId === undefined && part.encrypted === undefined
      ? []
      : [compact({ id: part.itemId, encrypted_content: part.encrypted, text: part.text })],
  )
}

function renderToolCall(call: ToolCallPart): JsonObject {
  if (call.custom === true)
    return { id: call.id, type: 'custom', custom: { name: call.name, input: call.arguments } }
  return compact({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: call.arguments === '' ? '{}' : call.arguments },
    ...renderSignature(call.signature),
  })
}

/** Gemini's thought signature under both names that clients return it by. */
export function renderSignature(signature: string | undefined): JsonObject {
  if (signature === undefined) return {}
  return {
    extra_content: { google: { thought_signature: signature } },
    provider_specific_fields: { thought_signature: signature },
  }
}

export function renderAnnotation(annotation: Annotation): JsonObject {
  if (annotation.type === 'url-citation')
    return {
      type: 'url_citation',
      url_citation: {
        url: annotation.url,
        title: annotation.title ?? '',
        start_index: annotation.startIndex ?? 0,
        end_index: annotation.endIndex ?? 0,
      },
    }
  return {
    type: 'document_citation',
    document_citation: compact({
      document_id: annotation.documentId,
      title: annotation.title,
      cited_text: annotation.citedText,
      start_index: annotation.startIndex,
      end_index: annotation.endIndex,
    }),
  }
}

export function renderAudio(audio: AudioPart): Json {
  return compact({
    id: audio.id ?? '',
    data: audio.source.type === 'base64' ? audio.source.data : '',
    transcript: audio.transcript ?? '',
    expires_at: audio.expiresAtS ?? 0,
  })
}
