import { createError } from '../../errors.ts'
import type { Answer } from '../../types/answer.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { AnswerPart, ToolCallPart } from '../../types/message.ts'
import type { ParseContext } from '../protocol.ts'
import { argumentsText, countOf, objectOf, objectsOf, stringOf, textOf } from '../wire.ts'
import { citesText, parseCitation } from './citations.ts'
import { finishReason } from './finish.ts'
import { parseLogprobs } from './logprobs.ts'
import { toolPlanPart } from './tool-plan.ts'
import { parseUsage } from './usage.ts'

export function parseAnswer(body: Json, context: ParseContext): Answer {
  const answer = objectOf(body)
  const message = objectOf(answer?.['message'])
  if (answer === undefined || message === undefined)
    throw createError({
      code: 'invalid_response',
      message: `${context.provider}: the answer holds no message.`,
      provider: context.provider,
      model: context.model,
    })
  const parts = parseContent(message)
  const plan = textOf(message['tool_plan'])
  if (plan !== undefined) parts.push(toolPlanPart(plan))
  const calls = objectsOf(message['tool_calls']).map((call) => parseToolCall(call, context))
  parts.push(...calls)
  const rawReason = textOf(answer['finish_reason'])
  const reason =
    rawReason === undefined ? (calls.length > 0 ? 'tool-calls' : 'stop') : finishReason(rawReason)
  return {
    id: textOf(answer['id']) ?? '',
    model: textOf(answer['model']) ?? '',
    choices: [{ parts, finish: { reason, rawReason }, logprobs: parseLogprobs(answer['logprobs']) }],
    usage: parseUsage(objectOf(answer['usage'])),
  }
}

function parseContent(message: JsonObject): AnswerPart[] {
  const content = message['content']
  const blocks: JsonObject[] =
    typeof content === 'string' ? [{ type: 'text', text: content }] : objectsOf(content)
  const citations = objectsOf(message['citations']).filter(citesText)
  const firstText = blocks.findIndex((block) => stringOf(block['text']) !== undefined)
  return blocks.flatMap((block, position): AnswerPart[] => {
    const thinking = textOf(block['thinking'])
    if (thinking !== undefined) return [{ type: 'reasoning', text: thinking }]
    const text = textOf(block['text'])
    if (text === undefined) return []
    const annotations = citations
      .filter((citation) => (countOf(citation['content_index']) ?? firstText) === position)
      .flatMap(parseCitation)
    return [annotations.length > 0 ? { type: 'text', text, annotations } : { type: 'text', text }]
  })
}

function parseToolCall(call: JsonObject, context: ParseContext): ToolCallPart {
  const definition = objectOf(call['function'])
  return {
    type: 'tool-call',
    id: textOf(call['id']) ?? context.newId(),
    name: stringOf(definition?.['name']) ?? '',
    arguments: withoutNull(argumentsText(definition?.['arguments'])),
  }
}

/** A call without arguments is sent as the text `null`. */
export function withoutNull(text: string): string {
  return text.trim() === 'null' ? '' : text
}
