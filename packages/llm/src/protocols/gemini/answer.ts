import { createError } from '../../errors.ts'
import type { Answer, AnswerChoice } from '../../types/answer.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { Annotation, AnswerPart } from '../../types/message.ts'
import type { ParseContext } from '../protocol.ts'
import { objectOf, objectsOf, stringOf, textOf } from '../wire.ts'
import { parseCitations } from './citations.ts'
import { parseError } from './failure.ts'
import { parseBlock, parseFinish } from './finish.ts'
import { parseLogprobs } from './logprobs.ts'
import { countSearches, parseMetadata } from './metadata.ts'
import { parsePart } from './parts.ts'
import { parseUsage } from './usage.ts'

/** Reads a `GenerateContentResponse`. */
export function parseAnswer(body: Json, context: ParseContext): Answer {
  const root = objectOf(body)
  const candidates = objectsOf(root?.candidates)
  const block = textOf(objectOf(root?.promptFeedback)?.blockReason)
  if (root === undefined || (candidates.length === 0 && block === undefined)) throw notAnAnswer(body, context)
  const metadata = parseMetadata(root, candidates[0])
  const usage = countSearches(parseUsage(root.usageMetadata), metadata)
  const createdS = parseCreated(root)
  return {
    id: textOf(root.responseId) ?? '',
    model: textOf(root.modelVersion) ?? '',
    choices:
      block !== undefined && candidates.length === 0
        ? [{ parts: [], finish: parseBlock(block) }]
        : candidates.map((candidate) => parseCandidate(candidate, context)),
    ...(createdS === undefined ? {} : { createdS }),
    ...(usage === undefined ? {} : { usage }),
    ...(usage?.serviceTier === undefined ? {} : { serviceTier: usage.serviceTier }),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  }
}

function notAnAnswer(body: Json, context: ParseContext): Error {
  const root = objectOf(body) ?? objectsOf(body)[0]
  if (root !== undefined && objectOf(root.error) !== undefined) return createError(parseError(root, context))
  return createError({
    code: 'invalid_response',
    message: `${context.provider}: the answer is not a GenerateContentResponse (no candidates)`,
    provider: context.provider,
    model: context.model,
  })
}

/** `createTime` in Unix seconds; AI Studio sends none. */
export function parseCreated(root: JsonObject): number | undefined {
  const time = Date.parse(stringOf(root.createTime) ?? '')
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000)
}

function parseCandidate(candidate: JsonObject, context: ParseContext): AnswerChoice {
  const parts: AnswerPart[] = []
  for (const wirePart of objectsOf(objectOf(candidate.content)?.parts)) {
    const part = parsePart(wirePart, () => `call_${context.newId()}`)
    if (part !== undefined) parts.push(part)
  }
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
  annotate(parts, parseCitations(candidate, text))
  const logprobs = parseLogprobs(candidate.logprobsResult)
  return {
    parts,
    finish: parseFinish(
      textOf(candidate.finishReason),
      parts.some((part) => part.type === 'tool-call'),
    ),
    ...(logprobs === undefined ? {} : { logprobs }),
  }
}

/** Sources stand on the last text; an answer without any (a picture) gets an empty one to hold them. */
function annotate(parts: AnswerPart[], annotations: Annotation[]): void {
  if (annotations.length === 0) return
  const text = parts.findLast((part) => part.type === 'text')
  if (text === undefined) parts.push({ type: 'text', text: '', annotations })
  else text.annotations = annotations
}
