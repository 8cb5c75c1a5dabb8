import { parseJson } from '@switchyard/llm/kit'
import type { Json, JsonObject } from '@switchyard/llm/kit'

/** Looking at server-sent events as bytes: whole events are cut out, and only those that matter are read. */

const LF2 = Buffer.from('\n\n')
const CRLF2 = Buffer.from('\r\n\r\n')
const CR2 = Buffer.from('\r\r')

/** Which blank line ends events in a stream; `undefined` while none has come. */
export function boundaryOf(data: Buffer): Buffer | undefined {
  return [LF2, CRLF2, CR2].find((boundary) => data.lastIndexOf(boundary) >= 0)
}

/** The events of whole bytes, each with its blank line, from the first on. */
export function* eventsIn(whole: Buffer, boundary: Buffer): Generator<string> {
  for (let start = 0; start < whole.length;) {
    const at = whole.indexOf(boundary, start)
    const end = at < 0 ? whole.length : at + boundary.length
    yield whole.toString('utf8', start, end)
    start = end
  }
}

/** Where the last events of whole bytes begin: those of at most `count`. */
export function startOfLast(whole: Buffer, boundary: Buffer, count: number): number {
  let start = whole.length
  for (let found = 0; found < count && start > 0; found++) {
    const at = start <= boundary.length ? -1 : whole.lastIndexOf(boundary, start - boundary.length - 1)
    start = at < 0 ? 0 : at + boundary.length
  }
  return start
}

/** The data of one event: its lines joined. */
function dataOf(event: string): string | undefined {
  if (event.startsWith('data: ') && event.indexOf('\n', 6) >= event.length - 2 && !event.includes('\r'))
    return event.slice(6).trimEnd()
  const lines: string[] = []
  for (const line of event.split(/\r\n|\n|\r/))
    if (line.startsWith('data:')) lines.push(line.slice(line.startsWith('data: ') ? 6 : 5))
  return lines.length === 0 ? undefined : lines.join('\n')
}

/** The JSON of one event. */
export function bodyOf(event: string): Json | undefined {
  const data = dataOf(event)
  // Most streams end with a word that is no JSON; finding that out by parsing costs more than all the rest.
  return data === undefined || data === DONE_WORD ? undefined : parseJson(data)
}

export const DONE_WORD = '[DONE]'

/** What the last event of a whole answer begins with, or is; it stands within so many bytes of the event's start. */
const LAST_EVENTS: Readonly<Record<string, RegExp>> = {
  'openai-chat': /\[DONE\]/,
  'openai-completions': /\[DONE\]/,
  'anthropic-messages': /message_stop/,
  'openai-responses': /response\.(completed|incomplete|failed)/,
}
const LAST_EVENT_BYTES = 96

/** Whether whole bytes end with the event that ends an answer in a format. */
export function endsAnswer(whole: Buffer, boundary: Buffer, dialect: string): boolean {
  const start = startOfLast(whole, boundary, 1)
  return LAST_EVENTS[dialect]?.test(whole.toString('latin1', start, start + LAST_EVENT_BYTES)) === true
}

/** Events before an answer says anything: who speaks, that it begins, that the line is alive. */
const OPENINGS = new Set([
  'message_start',
  'ping',
  'response.created',
  'response.in_progress',
  'response.queued',
])

/** Most answers begin with text, which is seen without parsing: inside another text these quotes would be escaped. */
const TEXT = /^data: \{.*"content":"[^"]/

/** Whether an event says something, rather than that something is going to be said. */
export function saysSomething(event: string, dialect: string): boolean {
  if (dialect === 'openai-chat' && TEXT.test(event)) return true
  const data = dataOf(event)
  if (data === undefined) return false
  if (data === DONE_WORD) return true
  const body = objectOf(parseJson(data))
  if (body === undefined) return false
  if (dialect !== 'openai-chat' && dialect !== 'openai-completions') return !OPENINGS.has(String(body.type))
  return Array.isArray(body.choices) && body.choices.some(choiceSaysSomething)
}

function choiceSaysSomething(value: Json): boolean {
  const choice = objectOf(value)
  if (choice === undefined) return false
  const { delta, finish_reason: reason, text } = choice
  return (
    (reason !== undefined && reason !== null) ||
    (text !== undefined && text !== '') ||
    Object.entries(objectOf(delta) ?? {}).some(
      ([key, member]) => key !== 'role' && member !== '' && member !== null,
    )
  )
}

function objectOf(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}

/** Text in the deltas of any of the formats. */
export function textIn(body: Json, depth: number = MAX_DEPTH): string {
  if (typeof body !== 'object' || body === null || depth === 0) return ''
  if (Array.isArray(body)) return body.map((member) => textIn(member, depth - 1)).join('')
  let text = ''
  for (const [key, value] of Object.entries(body)) {
    if (value === undefined) continue
    if (typeof value === 'string') text += TEXT_FIELDS.has(key) ? value : ''
    else if (CONTAINERS.has(key)) text += textIn(value, depth - 1)
  }
  return text
}

/** No format has text deeper than this. */
const MAX_DEPTH = 16

const TEXT_FIELDS = new Set([
  'content',
  'reasoning_content',
  'reasoning',
  'text',
  'thinking',
  'partial_json',
  'arguments',
  'delta',
  'refusal',
])
const CONTAINERS = new Set(['choices', 'delta', 'tool_calls', 'function', 'candidates', 'parts', 'content'])
