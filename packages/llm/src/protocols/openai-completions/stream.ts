import { createFailure } from '../../errors.ts'
import type { Finish } from '../../types/answer.ts'
import type { FailureCode } from '../../types/failure.ts'
import type { Usage } from '../../types/usage.ts'
import { EventWriter } from '../event-writer.ts'
import { readEmbeddedFailure } from '../openai-chat/embedded-failure.ts'
import { findUsage } from '../openai-chat/usage.ts'
import type { ParseContext, StreamParser } from '../protocol.ts'
import { countOf, objectOf, objectsOf, parseJson, stringOf, textOf } from '../wire.ts'
import { parseFinish } from './answer.ts'

/** Reads a stream of `text_completion` pieces. */
export function createStreamParser(context: ParseContext): StreamParser {
  const { provider, model } = context
  const writer = new EventWriter()
  const finishes: Finish[] = []
  let usage: Usage | undefined
  let ended = false
  let sawChoice = false

  const fail = (code: FailureCode, what: string): void =>
    writer.error(createFailure({ code, message: `${provider}: ${what}`, provider, model }), usage)

  const readData = (data: string): void => {
    const chunk = objectOf(parseJson(data))
    if (chunk === undefined) return fail('invalid_response', 'sent a stream event that is not JSON')
    const choices = objectsOf(chunk.choices)
    const found = findUsage(chunk, context.quirks)
    usage = found ?? usage
    // Usage in a piece of its own stands at the end.
    if (found !== undefined && choices.length === 0) ended = true
    const failure = readEmbeddedFailure(chunk, context)
    if (failure !== undefined) return writer.error(failure.toFailure(), usage)
    writer.start({
      id: stringOf(chunk.id) ?? '',
      model: textOf(chunk.model) ?? '',
      createdS: countOf(chunk.created),
      systemFingerprint: textOf(chunk.system_fingerprint),
    })
    for (const choice of choices) {
      sawChoice = true
      const number = countOf(choice.index) ?? 0
      writer.text(stringOf(choice.text) ?? '', number)
      if (choice.logprobs !== undefined && choice.logprobs !== null)
        writer.write({
          type: 'logprobs',
          ...(number === 0 ? {} : { choice: number }),
          logprobs: choice.logprobs,
        })
      if (textOf(choice.finish_reason) === undefined) continue
      while (finishes.length < number) finishes.push({ reason: 'other' })
      finishes[number] = parseFinish(choice, context)
    }
  }

  return {
    push: ({ data: text }) => {
      const data = text.trim()
      if (data === '[DONE]') ended = true
      else if (data !== '') readData(data)
      return writer.take()
    },
    end: () => {
      const [first, ...others] = finishes
      if (first === undefined && !(ended && sawChoice))
        fail('stream_interrupted', 'the stream ended before the answer was complete')
      writer.finish({
        ...(first ?? { reason: 'stop' }),
        ...(others.length > 0 ? { otherChoices: others } : {}),
        ...(usage === undefined ? {} : { usage }),
      })
      return writer.take()
    },
  }
}
