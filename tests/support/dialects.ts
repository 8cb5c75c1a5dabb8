import type { Answer } from './deliver.ts'
import type { FaultPlan } from './fault-plan.ts'
import {
  messagesError,
  readMessages,
  renderMessages,
  streamMessages,
} from './protocols/anthropic-messages.ts'
import { renderRerank } from './protocols/cohere-rerank.ts'
import { records } from './protocols/content.ts'
import type { Ask, Json, Reply, SseEvent } from './protocols/dialect.ts'
import {
  chatError,
  readChat,
  readCompletion,
  renderChat,
  renderCompletion,
  streamChat,
  streamCompletion,
} from './protocols/openai-chat.ts'
import { renderEmbeddings } from './protocols/openai-embeddings.ts'
import { renderTranscription } from './protocols/openai-transcription.ts'
import { readResponses, renderResponses, streamResponses } from './protocols/openai-responses.ts'
import { replyTo } from './protocols/reply.ts'

/** What a dialect needs to know of the provider that speaks it. */
export interface Speaker {
  name: string
  /** Response ids issued so far: `previous_response_id` must be one of them. */
  issuedResponses: Set<string>
}

/** One endpoint: how it answers and how it words an error. */
export interface Dialect {
  answer(body: Json, number: number, plan: FaultPlan, speaker: Speaker): Answer
  error(status: number, message: string): Json
}

interface Generative {
  read(body: Json): Ask
  render(reply: Reply, body: Json, owner: string): Json
  stream(reply: Reply, body: Json, owner: string): SseEvent[]
  failure(message: string): SseEvent
}

const overloaded = 'The server is overloaded (scripted).'

const chat: Dialect = generative(
  { read: readChat, render: renderChat, stream: streamChat, failure: chatFailure },
  chatError,
)
const completions: Dialect = generative(
  { read: readCompletion, render: renderCompletion, stream: streamCompletion, failure: chatFailure },
  chatError,
)
const messages: Dialect = generative(
  {
    read: readMessages,
    render: renderMessages,
    stream: streamMessages,
    failure: (message) => ({ name: 'error', data: JSON.stringify(messagesError(529, message)) }),
  },
  messagesError,
)
const responsesGenerative: Dialect = generative(
  {
    read: readResponses,
    render: renderResponses,
    stream: streamResponses,
    failure: (message) => ({
      name: 'error',
      data: JSON.stringify({ type: 'error', code: 'server_error', message, param: null }),
    }),
  },
  chatError,
)
const responses: Dialect = {
  error: chatError,
  answer(body, number, plan, speaker) {
    const refused = refuseForeignState(body, speaker)
    if (refused) return { status: 400, json: refused }
    speaker.issuedResponses.add(`resp_${speaker.name}-${number}`)
    return responsesGenerative.answer(body, number, plan, speaker)
  },
}
const embeddings: Dialect = {
  error: chatError,
  answer: (body) => ({ status: 200, json: renderEmbeddings(body) }),
}
const rerank: Dialect = {
  error: (status, message) => ({ message: `${status}: ${message}` }),
  answer: (body, number, _plan, { name }) => ({ status: 200, json: renderRerank(body, `${name}-${number}`) }),
}
const transcription: Dialect = {
  error: chatError,
  answer: (body) => ({ status: 200, json: renderTranscription(body) }),
}
const countTokens: Dialect = {
  error: messagesError,
  answer: (body) => ({
    status: 200,
    json: { input_tokens: replyTo(readMessages(body), 'count', {}).inputTokens },
  }),
}
const models: Dialect = {
  error: chatError,
  answer: () => ({
    status: 200,
    json: {
      object: 'list',
      data: [{ id: 'echo', object: 'model', created: 1_767_225_600, owned_by: 'scripted' }],
    },
  }),
}

const endpoints: Array<[path: RegExp, dialect: Dialect]> = [
  [/\/chat\/completions$/, chat],
  [/\/completions$/, completions],
  [/\/embeddings$/, embeddings],
  [/\/rerank$/, rerank],
  [/\/audio\/transcriptions$/, transcription],
  [/\/responses$/, responses],
  [/\/messages\/count_tokens$/, countTokens],
  [/\/messages$/, messages],
  [/\/models$/, models],
]

/** The dialect spoken at a path, wherever the caller's base address puts it. */
export function dialectAt(path: string): Dialect | undefined {
  const bare = path.split('?')[0] ?? path
  return endpoints.find(([pattern]) => pattern.test(bare))?.[1]
}

function generative(parts: Generative, error: Dialect['error']): Dialect {
  return {
    error,
    answer(body, number, plan, speaker) {
      const ask = parts.read(body)
      const reply = replyTo(ask, `${speaker.name}-${number}`, plan)
      if (ask.stream)
        return { events: parts.stream(reply, body, speaker.name), failure: parts.failure(overloaded) }
      return { status: 200, json: parts.render(reply, body, speaker.name) }
    },
  }
}

function chatFailure(message: string): SseEvent {
  return { data: JSON.stringify(chatError(500, message)) }
}

/** Stored responses and encrypted reasoning are understood only by the provider that made them. */
function refuseForeignState(body: Json, speaker: Speaker): Json | undefined {
  const previous = body['previous_response_id']
  if (typeof previous === 'string' && !speaker.issuedResponses.has(previous)) {
    return refusal(`Previous response with id '${previous}' not found.`, 'previous_response_not_found')
  }
  const foreign = records(body['input']).some(({ encrypted_content: sealed }) => {
    return typeof sealed === 'string' && !sealed.startsWith(`${speaker.name}:`)
  })
  if (!foreign) return undefined
  return refusal('The encrypted content could not be verified.', 'invalid_encrypted_content')
}

function refusal(message: string, code: string): Json {
  return { error: { message, type: 'invalid_request_error', param: null, code } }
}
