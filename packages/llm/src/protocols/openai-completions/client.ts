import { createError } from '../../errors.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { ChatRequest } from '../../types/request.ts'
import {
  invalid,
  missing,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalString,
  requiredString,
  restOf,
} from '../check.ts'
import { renderFailure, renderStreamFailure } from '../openai-chat/client-failure.ts'
import { parseRequest as parseChatRequest } from '../openai-chat/client-request.ts'
import { renderFinishReason } from '../openai-chat/finish.ts'
import { renderUsage } from '../openai-chat/usage.ts'
import type { ChatDialect } from '../protocol.ts'
import { compact } from '../wire.ts'

const SHARED = [
  'model',
  'stream',
  'stream_options',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'seed',
  'n',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'user',
] as const

/** Fields that only the legacy API has. */
const LEGACY = ['prompt', 'suffix', 'echo', 'best_of', 'logprobs'] as const

/** OpenAI's legacy `/completions` as clients speak it. */
export const openaiCompletionsDialect: ChatDialect = {
  id: 'openai-completions',
  streamType: 'text/event-stream; charset=utf-8',
  parseRequest,
  renderAnswer: (answer, context) =>
    compact({
      id: context.id,
      object: 'text_completion',
      created: answer.createdS ?? context.createdS,
      model: context.model,
      choices: answer.choices.map((choice, index) => ({
        index,
        text: choice.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join(''),
        logprobs: choice.logprobs ?? null,
        finish_reason: renderFinishReason(choice.finish.reason),
      })),
      usage: answer.usage === undefined ? undefined : renderUsage(answer.usage),
      system_fingerprint: answer.systemFingerprint,
    }),
  createStreamRenderer: (context) => {
    const choiceOf = new Map<number, number>()
    const chunk = (choices: JsonObject[], usage?: JsonObject): string =>
      `data: ${JSON.stringify(
        compact({
          id: context.id,
          object: 'text_completion',
          created: context.createdS,
          model: context.model,
          choices,
          usage,
        }),
      )}\n\n`
    const choice = (index: number, text: string, reason: string | null): JsonObject => ({
      index,
      text,
      logprobs: null,
      finish_reason: reason,
    })
    return {
      push: (event) => {
        switch (event.type) {
          case 'text-start':
            choiceOf.set(event.index, event.choice ?? 0)
            return ''
          case 'text-delta':
            return chunk([choice(choiceOf.get(event.index) ?? 0, event.text, null)])
          case 'finish': {
            const ends = [event, ...(event.otherChoices ?? [])]
            const last = chunk(ends.map((end, index) => choice(index, '', renderFinishReason(end.reason))))
            const usage =
              context.request.includeUsage === true && event.usage !== undefined
                ? chunk([], renderUsage(event.usage))
                : ''
            return `${last}${usage}data: [DONE]\n\n`
          }
          default:
            return ''
        }
      },
    }
  },
  renderFailure,
  renderStreamFailure,
}

function parseRequest(body: JsonObject): ChatRequest {
  requiredString(body, 'model')
  const prompt = parsePrompt(body.prompt)
  optionalString(body, 'suffix')
  optionalBoolean(body, 'echo')
  optionalNumber(body, 'best_of', { min: 1, max: 20, integer: true })
  optionalNumber(body, 'logprobs', { min: 0, max: 5, integer: true })
  optionalObject(body, 'stream_options')
  const shared: JsonObject = {}
  for (const key of SHARED) if (body[key] !== undefined) shared[key] = body[key]
  const legacy: JsonObject = {}
  for (const key of LEGACY) if (body[key] !== undefined && body[key] !== null) legacy[key] = body[key]
  const request = parseChatRequest({ ...shared, messages: [{ role: 'user', content: prompt.text }] })
  request.dialect = { protocol: 'openai-completions', fields: legacy }
  request.extra = restOf(body, new Set<string>([...SHARED, ...LEGACY]))
  if (prompt.needsNative) request.nativeOnly = 'prompt'
  return request
}

/** The prompt as text. Token ids and several prompts have no chat form; only a service's own `/completions` takes them. */
function parsePrompt(value: Json | undefined): { text: string; needsNative: boolean } {
  if (value === undefined || value === null) throw missing('prompt')
  if (typeof value === 'string') return { text: value, needsNative: false }
  if (!Array.isArray(value)) throw invalid('prompt', 'a string or an array', value)
  if (value.length === 0)
    throw createError({
      code: 'bad_request',
      message: "Invalid value for 'prompt': it is empty.",
      param: 'prompt',
      reason: 'invalid_value',
    })
  const [only] = value
  if (value.length === 1 && typeof only === 'string') return { text: only, needsNative: false }
  return { text: value.filter((part) => typeof part === 'string').join('\n'), needsNative: true }
}
