import { createError } from '../../errors.ts'
import type { Answer } from '../../types/answer.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { AnswerPart } from '../../types/message.ts'
import type { ParseContext } from '../protocol.ts'
import { argumentsText, objectOf, objectsOf, stringOf, textOf } from '../wire.ts'
import { parseStreamFailure } from './failure.ts'
import { parseFinish } from './finish.ts'
import { parseTimings, parseUsage } from './usage.ts'

/** What one body, or one line of a stream, says. `/api/generate` has its text beside the message's place. */
export interface Piece {
  text: string | undefined
  thinking: string | undefined
  calls: { id: string; name: string; arguments: string }[]
}

export function parsePiece(line: JsonObject, context: ParseContext): Piece {
  const message = objectOf(line['message'])
  const calls = objectsOf(message?.['tool_calls']).map((call) => {
    const definition = objectOf(call['function'])
    return {
      id: textOf(call['id']) ?? context.newId(),
      name: stringOf(definition?.['name']) ?? '',
      arguments: argumentsText(definition?.['arguments']),
    }
  })
  return {
    text: textOf(message?.['content']) ?? textOf(line['response']),
    thinking: textOf(message?.['thinking']) ?? textOf(line['thinking']),
    calls,
  }
}

export function parseAnswer(body: Json, context: ParseContext): Answer {
  const line = objectOf(body)
  const failure = line === undefined ? undefined : parseStreamFailure(line, context)
  if (failure !== undefined) throw createError(failure)
  if (line === undefined || (objectOf(line['message']) ?? textOf(line['response'])) === undefined)
    throw createError({
      code: 'invalid_response',
      message: `${context.provider}: the answer holds no message.`,
      provider: context.provider,
      model: context.model,
    })
  const { text, thinking, calls } = parsePiece(line, context)
  const parts: AnswerPart[] = []
  if (thinking !== undefined) parts.push({ type: 'reasoning', text: thinking })
  if (text !== undefined) parts.push({ type: 'text', text })
  for (const call of calls) parts.push({ type: 'tool-call', ...call })
  const finish = parseFinish(textOf(line['done_reason']), calls.length > 0)
  return {
    id: '',
    model: textOf(line['model']) ?? '',
    createdS: createdS(line),
    choices: [{ parts, finish, logprobs: logprobsOf(line) }],
    usage: parseUsage(line),
    metadata: parseTimings(line),
  }
}

export function createdS(line: JsonObject): number | undefined {
  const timeMs = Date.parse(stringOf(line['created_at']) ?? '')
  return Number.isNaN(timeMs) ? undefined : Math.floor(timeMs / 1_000)
}

/** Ollama lists tokens as OpenAI does, without the object around them. */
export function logprobsOf(line: JsonObject): Json | undefined {
  const content = objectsOf(line['logprobs'])
  return content.length > 0 ? { content } : undefined
}
