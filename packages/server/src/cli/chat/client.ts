import { createFrameReader, parseJson } from '@switchyard/llm/kit'
import type { Json, JsonObject } from '@switchyard/llm/kit'
import type { GatewayAddress } from '../gateway/address.ts'
import { createAsk, send } from '../gateway/send.ts'
import { CommandError } from '../world.ts'

export interface ChatMessage {
  role: 'user' | 'assistant'
  content: string
}

/** What one answer came to. */
export interface Turn {
  text: string
  inputTokens?: number | undefined
  outputTokens?: number | undefined
  /** A decimal number of US dollars; left out where the gateway does not know it. */
  costUsd?: string | undefined
}

/** Tells the cost of a stream when it is over, as a trailer. */
const COST_HEADER = 'x-litellm-response-cost'

/** Asks a model and hands over its text as it comes. Throws `CommandError` for whatever goes wrong. */
export async function streamChat(
  gateway: GatewayAddress,
  model: string,
  messages: readonly ChatMessage[],
  onText: (text: string) => void,
  signal: AbortSignal,
): Promise<Turn> {
  const said = messages.map(({ role, content }) => ({ role, content }))
  const body = { model, messages: said, stream: true, stream_options: { include_usage: true } }
  const response = await send(gateway, { path: '/v1/chat/completions', body, signal })
  const turn: Turn = { text: '' }
  const reader = createFrameReader('sse')
  let isWhole = false
  for await (const chunk of response)
    for (const { data } of reader.push(chunk as Buffer)) {
      if (data === '[DONE]') isWhole = true
      else readChunk(objectOf(parseJson(data)), turn, onText)
    }
  if (!isWhole) throw new CommandError('The answer was cut.')
  const cost = response.trailers[COST_HEADER] ?? response.headers[COST_HEADER]
  if (typeof cost === 'string') turn.costUsd = cost
  return turn
}

/** The models that the key may ask for. */
export async function listModels(gateway: GatewayAddress): Promise<string[]> {
  const list = objectOf(await createAsk(gateway)({ path: '/v1/models' }))['data']
  return (Array.isArray(list) ? list : []).flatMap((entry) => {
    const { id } = objectOf(entry)
    return typeof id === 'string' ? [id] : []
  })
}

function readChunk(chunk: JsonObject, turn: Turn, onText: (text: string) => void): void {
  const { message } = objectOf(chunk['error'])
  if (message !== undefined) throw new CommandError(String(message))
  const choices = chunk['choices']
  const { content } = objectOf(objectOf(Array.isArray(choices) ? choices[0] : undefined)['delta'])
  if (typeof content === 'string' && content !== '') {
    turn.text += content
    onText(content)
  }
  const { prompt_tokens: input, completion_tokens: output } = objectOf(chunk['usage'])
  if (typeof input === 'number') turn.inputTokens = input
  if (typeof output === 'number') turn.outputTokens = output
}

function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}
