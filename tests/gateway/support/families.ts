import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { encodeAwsMessage } from '../../support/aws-event-stream.ts'
import { listen, parseJson, readBody } from '../../support/loopback.ts'

/** A request as a provider saw it. */
export interface SeenRequest {
  path: string
  headers: IncomingHttpHeaders
  text: string
  json: unknown
}

export interface Families {
  url: string
  seen: SeenRequest[]
  close: () => Promise<void>
}

interface Spoken {
  path: RegExp
  type: string
  body: string | Buffer
}

const usage = { prompt_tokens: 2, completion_tokens: 4, total_tokens: 6 }
const gemini = {
  candidates: [{ index: 0, content: { role: 'model', parts: [{ text: 'hi' }] }, finishReason: 'STOP' }],
  usageMetadata: { promptTokenCount: 2, candidatesTokenCount: 4, totalTokenCount: 6 },
  modelVersion: 'served',
}
const converse = {
  output: { message: { role: 'assistant', content: [{ text: 'hi' }] } },
  stopReason: 'end_turn',
  usage: { inputTokens: 2, outputTokens: 4, totalTokens: 6 },
}
const ollama = {
  model: 'served',
  created_at: '2026-01-02T03:04:05Z',
  message: { role: 'assistant', content: 'hi' },
  done: true,
  done_reason: 'stop',
  prompt_eval_count: 2,
  eval_count: 4,
}
const tokens = {
  tokens: { input_tokens: 2, output_tokens: 4 },
  billed_units: { input_tokens: 2, output_tokens: 4 },
}
const cohere = {
  id: 'cohere-1',
  finish_reason: 'COMPLETE',
  message: { role: 'assistant', content: [{ type: 'text', text: 'hi' }] },
  usage: tokens,
}
const chat = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'served',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage,
}
const messages = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'served',
  content: [{ type: 'text', text: 'hi' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 2, output_tokens: 4 },
}

const converseEvents: [string, object][] = [
  ['messageStart', { role: 'assistant' }],
  ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'hi' } }],
  ['contentBlockStop', { contentBlockIndex: 0 }],
  ['messageStop', { stopReason: 'end_turn' }],
  ['metadata', { usage: converse.usage, metrics: { latencyMs: 1 } }],
]

const cohereEvents = [
  { type: 'message-start', id: 'cohere-1', delta: { message: { role: 'assistant', content: [] } } },
  { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } },
  { type: 'content-delta', index: 0, delta: { message: { content: { text: 'hi' } } } },
  { type: 'content-end', index: 0 },
  { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage: tokens } },
]

function json(path: RegExp, body: object): Spoken {
  return { path, type: 'application/json', body: JSON.stringify(body) }
}

function events(bodies: object[]): string {
  return bodies.map((body) => `data: ${JSON.stringify(body)}\n\n`).join('')
}

/** The short answer "hi", two tokens in and four out, in the format of whatever path is asked. */
const spoken: Spoken[] = [
  json(/\/token$/, { access_token: 'fetched-token', expires_in: 3_600, token_type: 'Bearer' }),
  { path: /:streamGenerateContent/, type: 'text/event-stream', body: events([gemini]) },
  json(/:generateContent/, gemini),
  {
    path: /\/converse-stream$/,
    type: 'application/vnd.amazon.eventstream',
    body: Buffer.concat(
      converseEvents.map(([name, body]) =>
        encodeAwsMessage(
          { ':message-type': 'event', ':event-type': name, ':content-type': 'application/json' },
          Buffer.from(JSON.stringify(body)),
        ),
      ),
    ),
  },
  json(/\/converse$/, converse),
  json(/\/messages$/, messages),
  json(/\/chat\/completions(\?|$)/, chat),
]

/** A server that speaks every wire family, and remembers what it was asked. */
export async function startFamilies(): Promise<Families> {
  const seen: SeenRequest[] = []
  const server = await listen(
    createServer((request, response) => {
      void readBody(request).then((body) => {
        const path = request.url ?? ''
        const parsed = parseJson(body)
        seen.push({ path, headers: request.headers, text: body.toString(), json: parsed })
        const answer = answerTo(path, parsed)
        response.writeHead(answer === undefined ? 404 : 200, {
          'content-type': answer?.type ?? 'application/json',
        })
        response.end(answer?.body ?? '{}')
      })
    }),
  )
  return { url: server.url, seen, close: server.close }
}

/** Ollama and Cohere ask for a stream in the body, not in the path. */
function answerTo(path: string, body: unknown): Spoken | undefined {
  const isStream = typeof body === 'object' && body !== null && 'stream' in body && body.stream === true
  if (path.endsWith('/api/chat'))
    return {
      path: /./,
      type: isStream ? 'application/x-ndjson' : 'application/json',
      body: `${JSON.stringify(ollama)}\n`,
    }
  if (path.endsWith('/v2/chat'))
    return isStream ? { path: /./, type: 'text/event-stream', body: events(cohereEvents) } : json(/./, cohere)
  return spoken.find(({ path: pattern }) => pattern.test(path))
}
