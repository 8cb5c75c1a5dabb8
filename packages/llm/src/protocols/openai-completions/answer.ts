import { createError } from '../../errors.ts'
import type { Answer, Finish } from '../../types/answer.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import { readEmbeddedFailure } from '../openai-chat/embedded-failure.ts'
import { parseFinishReason } from '../openai-chat/finish.ts'
import { findUsage } from '../openai-chat/usage.ts'
import type { ParseContext } from '../protocol.ts'
import { countOf, objectOf, objectsOf, stringOf, textOf } from '../wire.ts'

/** Reads a whole `text_completion`. */
export function parseAnswer(body: Json, context: ParseContext): Answer {
  const root = objectOf(body) ?? {}
  const failure = readEmbeddedFailure(root, context)
  if (failure !== undefined) throw failure
  const choices = objectsOf(root.choices)
  if (choices.length === 0)
    throw createError({
      code: 'invalid_response',
      message: `${context.provider}: the answer is not a text completion (no choices)`,
      provider: context.provider,
      model: context.model,
    })
  return {
    id: stringOf(root.id) ?? '',
    model: textOf(root.model) ?? '',
    createdS: countOf(root.created),
    choices: choices.map((choice) => ({
      parts: [{ type: 'text', text: stringOf(choice.text) ?? '' }],
      finish: parseFinish(choice, context),
      ...(choice.logprobs === undefined || choice.logprobs === null ? {} : { logprobs: choice.logprobs }),
    })),
    usage: findUsage(root, context.quirks),
    systemFingerprint: textOf(root.system_fingerprint),
  }
}

export function parseFinish(choice: JsonObject, context: ParseContext): Finish {
  const word = textOf(choice.finish_reason)
  return word === undefined
    ? { reason: 'stop' }
    : { reason: parseFinishReason(word, context.quirks), rawReason: word }
}
