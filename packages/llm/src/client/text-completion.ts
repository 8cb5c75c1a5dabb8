import { openaiCompletionsDialect } from '../protocols/openai-completions/client.ts'
import type { JsonObject } from '../types/json.ts'
import type { TextCompletion } from '../types/openai.ts'
import { answerChat, contextOf, streamChat } from './completion.ts'
import type { ClientCore } from './core.ts'
import type { CallOptions } from './options.ts'
import { splitOptions } from './options.ts'
import type { AnswerStream } from './stream.ts'
import { createAnswerStream } from './stream.ts'

/** What `textCompletion()` takes: the fields of OpenAI's legacy `/completions`. */
export interface TextCompletionParams extends CallOptions {
  model: string
  prompt: string | string[] | number[] | number[][]
  stream?: boolean
  max_tokens?: number
  temperature?: number
  top_p?: number
  stop?: string | string[]
  n?: number
  suffix?: string
  echo?: boolean
  best_of?: number
  logprobs?: number
  seed?: number
  presence_penalty?: number
  frequency_penalty?: number
  logit_bias?: Record<string, number>
  user?: string
  [field: string]: unknown
}

export interface TextCompletionFunction {
  (params: TextCompletionParams & { stream: true }): Promise<AnswerStream<TextCompletion>>
  (params: TextCompletionParams & { stream?: false }): Promise<TextCompletion>
}

/** Makes `textCompletion()` for a client: the provider's own `/completions`, or its chat with the prompt as a user turn. */
export function createTextCompletion(core: ClientCore): TextCompletionFunction {
  async function textCompletion(
    params: TextCompletionParams & { stream: true },
  ): Promise<AnswerStream<TextCompletion>>
  async function textCompletion(params: TextCompletionParams & { stream?: false }): Promise<TextCompletion>
  async function textCompletion(
    params: TextCompletionParams,
  ): Promise<TextCompletion | AnswerStream<TextCompletion>> {
    const { call, cloud, rest } = splitOptions(params)
    const request = openaiCompletionsDialect.parseRequest(rest as JsonObject)
    const run = { core, request, call, cloud, operation: 'completions' as const }
    if (!request.stream) {
      const answer = await answerChat(run)
      return openaiCompletionsDialect.renderAnswer(
        answer,
        contextOf(core, request, answer),
      ) as unknown as TextCompletion
    }
    const events = await streamChat(run)
    let renderer: ReturnType<typeof openaiCompletionsDialect.createStreamRenderer> | undefined
    return createAnswerStream(events, (event) => {
      const facts = event.type === 'start' ? event : { id: '', model: '' }
      renderer ??= openaiCompletionsDialect.createStreamRenderer(contextOf(core, request, facts))
      return chunksOf(renderer.push(event))
    })
  }
  return textCompletion
}

function chunksOf(text: string): TextCompletion[] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('data: {'))
    .map((block) => JSON.parse(block.slice('data: '.length)) as TextCompletion)
}
