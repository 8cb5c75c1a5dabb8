import type { Answer, AnswerChoice } from '../../types/answer.ts'
import type { JsonObject } from '../../types/json.ts'
import type { AnswerContext } from '../protocol.ts'
import { compact } from '../wire.ts'
import { renderGrounding } from './citations.ts'
import { renderAnswerParts } from './contents.ts'
import { renderFinish } from './finish.ts'
import { renderLogprobs } from './logprobs.ts'
import { renderMetadata } from './metadata.ts'
import { renderUsage } from './usage.ts'

/** Writes a `GenerateContentResponse`. */
export function renderAnswer(answer: Answer, context: AnswerContext): JsonObject {
  const { candidate, root } = renderMetadata(answer.metadata)
  const [first] = answer.choices
  const blocked = root.promptFeedback !== undefined && first?.parts.length === 0
  return compact({
    ...root,
    candidates: blocked
      ? undefined
      : answer.choices.map((choice, index) => ({
          ...renderCandidate(choice, index),
          ...(index === 0 ? candidate : {}),
        })),
    usageMetadata: answer.usage === undefined ? undefined : renderUsage(answer.usage),
    modelVersion: context.model,
    createTime: renderTime(answer.createdS),
    responseId: context.id,
  })
}

function renderCandidate(choice: AnswerChoice, index: number): JsonObject {
  const texts = choice.parts.filter((part) => part.type === 'text')
  const annotations = texts.flatMap((part) => part.annotations ?? [])
  return compact({
    content: { role: 'model', parts: renderAnswerParts(choice.parts, {}) },
    finishReason: renderFinish(choice.finish),
    index,
    groundingMetadata: renderGrounding(annotations, texts.map((part) => part.text).join('')),
    logprobsResult: renderLogprobs(choice.logprobs),
  })
}

export function renderTime(createdS: number | undefined): string | undefined {
  return createdS === undefined ? undefined : new Date(createdS * 1000).toISOString()
}
