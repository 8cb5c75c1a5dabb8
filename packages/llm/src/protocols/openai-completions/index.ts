import { createError, createFailure } from '../../errors.ts'
import type { Answer, Finish } from '../../types/answer.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { ChatRequest, RequestParam } from '../../types/request.ts'
import type { Usage } from '../../types/usage.ts'
import { EventWriter } from '../event-writer.ts'
import { parseFailure, readWords } from '../openai-chat/failure.ts'
import { parseFinishReason } from '../openai-chat/finish.ts'
import { parseUsage } from '../openai-chat/usage.ts'
import type { ChatProtocol, ParseContext, RenderContext, StreamParser, WireRequest } from '../protocol.ts'
import { compact, countOf, objectOf, objectsOf, parseJson, stringOf, textOf } from '../wire.ts'

/** OpenAI's legacy `/completions`. A prompt is carried as one user message. */
export const openaiCompletionsProtocol: ChatProtocol = {
  id: 'openai-completions',
  params: new Set<RequestParam>([
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
    'logprobs',
    'top_logprobs',
    'user',
  ]),
  framing: 'sse',
  renderRequest,
  parseAnswer,
  createStreamParser,
  parseFailure,
}

function renderRequest(request: ChatRequest, context: RenderContext): WireRequest {
  const body = compact({
    model: context.model,
    prompt: promptOf(request),
    stream: request.stream ? true : undefined,
    stream_options: request.stream && context.quirks.streamUsage !== 'unasked' ? { include_usage: true } : undefined,
    max_tokens: request.maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    top_k: request.topK,
    stop: request.stop,
    seed: request.seed,
    n: request.n,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    logit_bias: request.logitBias,
    user: request.user,
  })
  const dialect = request.dialect?.protocol === 'openai-completions' ? request.dialect.fields : undefined
  return { path: '/completions', body: { ...context.quirks.extraBody, ...request.extra, ...body, ...dialect } }
}

function promptOf(request: ChatRequest): string {
  return request.messages
    .flatMap((message) => message.content)
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n')
}

function parseAnswer(body: Json, context: ParseContext): Answer {
  const root = objectOf(body)
  const choices = objectsOf(root?.choices)
  if (root === undefined || choices.length === 0)
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
      finish: finishOf(choice, context),
      ...(choice.logprobs === undefined || choice.logprobs === null ? {} : { logprobs: choice.logprobs }),
    })),
    usage: parseUsage(root.usage, context.quirks),
    systemFingerprint: textOf(root.system_fingerprint),
  }
}

function finishOf(choice: JsonObject, context: ParseContext): Finish {
  const word = textOf(choice.finish_reason)
  return word === undefined
    ? { reason: 'stop' }
    : { reason: parseFinishReason(word, context.quirks), rawReason: word }
}

function createStreamParser(context: ParseContext): StreamParser {
  const writer = new EventWriter()
  const finishes: Finish[] = []
  let usage: Usage | undefined
  let complete = false
  let sawChoice = false
  const { provider, model } = context
  return {
    push: (frame) => {
      if (frame.data.trim() === '[DONE]') {
        complete = true
        return []
      }
      const chunk = objectOf(parseJson(frame.data))
      if (chunk === undefined) return []
      if (chunk.error !== undefined && chunk.error !== null) {
        const { message } = readWords(chunk)
        writer.error(createFailure({ code: 'bad_gateway', message: `${provider}: ${message}`, provider, model }), usage)
        return writer.take()
      }
      usage = parseUsage(chunk.usage, context.quirks) ?? usage
      writer.start({ id: stringOf(chunk.id) ?? '', model: textOf(chunk.model) ?? '', createdS: countOf(chunk.created) })
      for (const choice of objectsOf(chunk.choices)) {
        sawChoice = true
        const number = countOf(choice.index) ?? 0
        writer.text(stringOf(choice.text) ?? '', number)
        if (choice.logprobs !== undefined && choice.logprobs !== null)
          writer.write({ type: 'logprobs', choice: number, logprobs: choice.logprobs })
        if (textOf(choice.finish_reason) !== undefined) finishes[number] = finishOf(choice, context)
      }
      return writer.take()
    },
    end: () => {
      const ends = Array.from(finishes, (finish) => finish ?? { reason: 'other' as const })
      const [first, ...others] = ends
      if (first === undefined && !(complete && sawChoice))
        writer.error(
          createFailure({
            code: 'stream_interrupted',
            message: `${provider}: the stream ended before the answer was complete`,
            provider,
            model,
          }),
          usage,
        )
      writer.finish({
        ...(first ?? { reason: 'stop' }),
        ...(others.length > 0 ? { otherChoices: others } : {}),
        ...(usage === undefined ? {} : { usage }),
      })
      return writer.take()
    },
  }
}
