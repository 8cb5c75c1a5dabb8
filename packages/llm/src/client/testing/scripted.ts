import type { HttpRequest, HttpResponse } from '../../types/transport.ts'
import type { ClientWorld } from '../options.ts'

/** What a provider does when it is asked: a text, a failing status, a stream of texts, or never anything. */
export type Reply =
  | string
  | { status: number; message?: string; code?: string; headers?: Record<string, string> }
  | { stream: readonly string[]; ending?: 'break' | 'error' }
  | 'never'

export interface Scripted {
  world: Pick<ClientWorld, 'transport' | 'nowMs' | 'sleep' | 'random' | 'newId' | 'env'>
  /** What was asked, in order. */
  asked: { model: string; key: string; body: Record<string, unknown> }[]
  /** How long was waited, in ms. */
  slept: number[]
  /** Moves the clock. */
  advance: (ms: number) => void
}

/** OpenAI-compatible providers that answer by a script, and a clock that only moves when told. */
export function scripted(script: (model: string, attempt: number) => Reply, tookMs = 100): Scripted {
  let now = 1_700_000_000_000
  let ids = 0
  const asked: Scripted['asked'] = []
  const slept: number[] = []
  const attempts = new Map<string, number>()
  const transport = async (request: HttpRequest): Promise<HttpResponse> => {
    const body = JSON.parse(String(request.body)) as Record<string, unknown>
    const model = String(body['model'])
    const attempt = attempts.get(model) ?? 0
    attempts.set(model, attempt + 1)
    asked.push({ model, key: request.headers['authorization'] ?? '', body })
    const reply = script(model, attempt)
    if (reply === 'never') return untilAborted(request.signal)
    now += tookMs
    return answerOf(reply, model, request)
  }
  return {
    asked,
    slept,
    advance: (ms) => {
      now += ms
    },
    world: {
      transport,
      nowMs: () => now,
      random: () => 0,
      newId: () => `id-${++ids}`,
      env: () => undefined,
      sleep: async (ms) => {
        slept.push(ms)
        now += ms
      },
    },
  }
}

function answerOf(reply: Exclude<Reply, 'never'>, model: string, request: HttpRequest): HttpResponse {
  if (typeof reply === 'string')
    return request.url.endsWith('/embeddings') ? json(200, vectors()) : json(200, chat(model, reply))
  if ('stream' in reply) {
    const pieces = reply.stream.map((content) =>
      event({ id: 'c', model, choices: [{ index: 0, delta: { content } }] }),
    )
    const rest =
      reply.ending === 'error'
        ? [event({ error: { message: 'broke', type: 'server_error' } })]
        : reply.ending === 'break'
          ? []
          : [
              event({ id: 'c', model, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
              event({ id: 'c', model, choices: [], usage }),
              'data: [DONE]\n\n',
            ]
    return {
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: bytes([...pieces, ...rest]),
    }
  }
  const { status, message = `status ${status}`, code, headers } = reply
  return json(status, { error: { message, ...(code === undefined ? {} : { code }) } }, headers)
}

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }

function chat(model: string, content: string): object {
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }]
  return { id: 'c', object: 'chat.completion', created: 1, model, choices, usage }
}

function vectors(): object {
  return {
    object: 'list',
    data: [{ object: 'embedding', index: 0, embedding: [0.5, 0.25] }],
    usage: { prompt_tokens: 3, total_tokens: 3 },
  }
}

function event(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

function json(status: number, body: object, headers: Record<string, string> = {}): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: bytes([JSON.stringify(body)]),
  }
}

async function* bytes(texts: readonly string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const text of texts) yield new TextEncoder().encode(text)
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const leave = (): void => reject(signal?.reason)
    if (signal?.aborted === true) leave()
    else signal?.addEventListener('abort', leave, { once: true })
  })
}
