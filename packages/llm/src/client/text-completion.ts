import { openaiCompletionsDialect } from '../protocols/openai-completions/client.ts'
import type { Answer } from '../types/answer.ts'
import type { JsonObject } from '../types/json.ts'
import type { TextCompletion } from '../types/openai.ts'
import { answerChat, contextOf, streamChat } from './completion.ts'
import type { ClientCore } from './core.ts'
import { readCall } from './core.ts'
import type { BareCall } from './layers.ts'
import type { CallOptions } from './options.ts'
import type { AnswerStream } from './stream.ts'
import { createAnswerStream } from './stream.ts'

/** The fields of OpenAI's legacy `/completions`, and the settings of the call. */
export interface TextParams extends CallOptions {
  model: string
  prompt: string | readonly string[] | readonly number[] | readonly (readonly number[])[] | null
  stream?: boolean | null | undefined
  stream_options?: { include_usage?: boolean | undefined } | null | undefined
  max_tokens?: number | null | undefined
  temperature?: number | null | undefined
  top_p?: number | null | undefined
  stop?: string | readonly string[] | null | undefined
  n?: number | null | undefined
  suffix?: string | null | undefined
  echo?: boolean | null | undefined
  best_of?: number | null | undefined
  logprobs?: number | null | undefined
  seed?: number | null | undefined
  presence_penalty?: number | null | undefined
  frequency_penalty?: number | null | undefined
  logit_bias?: Readonly<Record<string, number>> | null | undefined
  user?: string | undefined
}

/** What `textCompletion()` takes: OpenAI's fields, any provider's own, and the settings of the call. */
export interface TextCompletionParams extends TextParams {
  [field: string]: unknown
}

type Params = TextCompletionParams | TextParams

export interface TextCompletionFunction {
  (params: Params & { stream: true }): Promise<AnswerStream<TextCompletion>>
  (params: Params & { stream?: false | null | undefined }): Promise<TextCompletion>
  (params: Params): Promise<TextCompletion | AnswerStream<TextCompletion>>
}

/** Makes `textCompletion()` for a client: the provider's own `/completions`, or its chat with the prompt as a user turn. */
export function createTextCompletion(core: ClientCore): BareCall<Params> {
  return async (params, watch) => {
    const { call, cloud, rest } = readCall(core, params)
    // The wire has no field for it: it is for logs.
    const { metadata: _metadata, ...body } = rest
    const request = openaiCompletionsDialect.parseRequest(body as JsonObject)
    const run = { core, request, call, cloud, operation: 'completions' as const, watch }
    const render = (answer: Answer): object =>
      openaiCompletionsDialect.renderAnswer(answer, contextOf(core, request, answer))
    if (!request.stream) return render(await answerChat(run))
    let renderer: ReturnType<typeof openaiCompletionsDialect.createStreamRenderer> | undefined
    return createAnswerStream(await streamChat(run, render), (event) => {
      const facts = event.type === 'start' ? event : { id: '', model: '' }
      renderer ??= openaiCompletionsDialect.createStreamRenderer(contextOf(core, request, facts))
      return chunksOf(renderer.push(event))
    })
  }
}

function chunksOf(text: string): TextCompletion[] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('data: {'))
    .map((block) => JSON.parse(block.slice('data: '.length)) as TextCompletion)
}
