import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import type { GovernedGateway } from '../../governance/support/governed-gateway.ts'

/** The formats that a real client was asked through. */
export const clientNames = ['openai', 'anthropic'] as const
export type ClientName = (typeof clientNames)[number]

/** What a program sees that asks through a real client. */
export interface Seen {
  /** Of an answer, also where its stream breaks later. */
  status: number | undefined
  headers: Headers
  text: string
  finish: string | undefined
  /** By their places. */
  calls: Called[]
  /** What the client threw. */
  error?: {
    name: string
    status: number | undefined
    code: string | undefined
    type: string | undefined
    message: string
  }
}

/** A tool call, as the pieces with its place add up. */
export interface Called {
  ids: string[]
  names: string[]
  arguments: string
}

export interface Question {
  model: string
  stream?: boolean
  /** `x-litellm-num-retries`. */
  retries?: number
  text?: string
  /** Offers two tools, `weather` and `clock`. */
  tools?: boolean
}

/** What each takes, by their names. */
const TOOLS: Readonly<Record<string, { type: 'object'; properties: object; required: string[] }>> = {
  weather: { type: 'object', properties: { city: { type: 'string', const: 'Zürich' } }, required: ['city'] },
  clock: {
    type: 'object',
    properties: { zone: { type: 'string', const: 'Europe/Zurich' } },
    required: ['zone'],
  },
}

/** Asks as a program with this key does; the client itself tries nothing again. */
export function asking(
  { url }: Pick<GovernedGateway, 'url'>,
  key: string,
): Record<ClientName, (question: Question) => Promise<Seen>> {
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 })
  const anthropic = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 })
  return {
    openai: (question) => watched((seen) => askOpenai(openai, question, seen)),
    anthropic: (question) => watched((seen) => askAnthropic(anthropic, question, seen)),
  }
}

async function askOpenai(
  client: OpenAI,
  { model, stream = false, retries, text = 'hello there', tools }: Question,
  seen: Seen,
): Promise<void> {
  const functions = Object.entries(TOOLS).map(([name, parameters]) => ({
    type: 'function' as const,
    function: { name, parameters },
  }))
  const body = {
    model,
    max_tokens: 100,
    messages: [{ role: 'user' as const, content: text }],
    ...(tools === true ? { tools: functions } : {}),
  }
  const options = { headers: headersOf(retries) }
  if (!stream) {
    const { data, response } = await client.chat.completions.create(body, options).withResponse()
    met(seen, response)
    seen.text = data.choices[0]?.message.content ?? ''
    for (const [at, call] of (data.choices[0]?.message.tool_calls ?? []).entries())
      if (call.type === 'function')
        add(seen.calls, at, { id: call.id, name: call.function.name, arguments: call.function.arguments })
    seen.finish = data.choices[0]?.finish_reason
    return
  }
  const { data, response } = await client.chat.completions.create({ ...body, stream }, options).withResponse()
  met(seen, response)
  for await (const chunk of data) {
    // Events that nobody knows are passed on as they are.
    const [choice] = 'choices' in chunk ? chunk.choices : []
    seen.text += choice?.delta.content ?? ''
    for (const { index, id, function: called } of choice?.delta.tool_calls ?? [])
      add(seen.calls, index, { id, ...called })
    seen.finish = choice?.finish_reason ?? seen.finish
  }
}

async function askAnthropic(
  client: Anthropic,
  { model, stream = false, retries, text = 'hello there', tools }: Question,
  seen: Seen,
): Promise<void> {
  const offered = Object.entries(TOOLS).map(([name, input_schema]) => ({ name, input_schema }))
  const body = {
    model,
    max_tokens: 100,
    messages: [{ role: 'user' as const, content: text }],
    ...(tools === true ? { tools: offered } : {}),
  }
  const options = { headers: headersOf(retries) }
  if (!stream) {
    const { data, response } = await client.messages.create(body, options).withResponse()
    met(seen, response)
    seen.text = data.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
    for (const [at, block] of data.content.entries())
      if (block.type === 'tool_use')
        add(seen.calls, at, { id: block.id, name: block.name, arguments: JSON.stringify(block.input) })
    seen.finish = data.stop_reason ?? undefined
    return
  }
  const { data, response } = await client.messages.create({ ...body, stream }, options).withResponse()
  met(seen, response)
  for await (const event of data) {
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta')
      seen.text += event.delta.text
    if (event.type === 'content_block_start' && event.content_block.type === 'tool_use')
      add(seen.calls, event.index, event.content_block)
    if (event.type === 'content_block_delta' && event.delta.type === 'input_json_delta')
      add(seen.calls, event.index, { arguments: event.delta.partial_json })
    if (event.type === 'message_delta') seen.finish = event.delta.stop_reason ?? undefined
  }
}

function add(
  calls: Called[],
  at: number,
  piece: { id?: string | undefined; name?: string | undefined; arguments?: string | undefined },
): void {
  const call = (calls[at] ??= { ids: [], names: [], arguments: '' })
  if (piece.id !== undefined) call.ids.push(piece.id)
  if (piece.name !== undefined) call.names.push(piece.name)
  call.arguments += piece.arguments ?? ''
}

async function watched(ask: (seen: Seen) => Promise<void>): Promise<Seen> {
  const seen: Seen = { status: undefined, headers: new Headers(), text: '', finish: undefined, calls: [] }
  try {
    await ask(seen)
  } catch (thrown) {
    if (!(thrown instanceof OpenAI.APIError || thrown instanceof Anthropic.APIError)) throw thrown
    const { name } = thrown.constructor
    const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
    seen.error = {
      name,
      status: thrown.status,
      code,
      type: thrown.type ?? undefined,
      message: thrown.message,
    }
    if (seen.status === undefined)
      met(seen, { status: thrown.status ?? 0, headers: thrown.headers ?? new Headers() })
  }
  return seen
}

function met(seen: Seen, { status, headers }: Pick<Response, 'status' | 'headers'>): void {
  seen.status = status
  seen.headers = headers
}

function headersOf(retries: number | undefined): Record<string, string> {
  return retries === undefined ? {} : { 'x-litellm-num-retries': String(retries) }
}
