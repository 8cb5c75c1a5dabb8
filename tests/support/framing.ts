import { encodeAwsMessage } from './aws-event-stream.ts'
import type { Fixture, FixtureEncoding } from './fixtures.ts'

/** The bytes of an answer, cut where the provider would have flushed. */
export interface FramedBody {
  contentType: string
  frames: Buffer[]
}

const contentTypes: Record<FixtureEncoding, string> = {
  json: 'application/json',
  sse: 'text/event-stream',
  ndjson: 'application/x-ndjson',
  chunks: 'text/event-stream',
  eventstream: 'application/vnd.amazon.eventstream',
  text: 'text/plain; charset=utf-8',
  binary: 'application/octet-stream',
}

/**
 * Puts a stored answer back on its wire. Only `chunks` files need it; everything else is already the body.
 * `serverSentEvents` is whether the request asked Gemini for `alt=sse`.
 */
export function frameResponse(fixture: Fixture, stored: Buffer, serverSentEvents: boolean): FramedBody {
  const recordedType = fixture.http.response_headers?.['content-type']
  if (fixture.encoding !== 'chunks') {
    return { contentType: recordedType ?? contentTypes[fixture.encoding], frames: [stored] }
  }
  const lines = stored
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '')
  return frameChunks(fixture.wire, lines, serverSentEvents)
}

/** Frames unframed JSON documents as the wire named by `wire` streams them. */
export function frameChunks(wire: string, lines: string[], serverSentEvents: boolean): FramedBody {
  switch (wire) {
    case 'openai-responses':
    case 'anthropic-messages':
      return sse(lines.map((line) => named('type', line)))
    case 'cohere-v2':
      return sse([...lines.map((line) => named('type', line)), 'data: [DONE]\n\n'])
    case 'gemini-interactions':
      return sse([...lines.map((line) => named('event_type', line)), 'event: done\ndata: [DONE]\n\n'])
    case 'gemini':
      return serverSentEvents ? sse(lines.map((line) => `data: ${line}\r\n\r\n`)) : jsonArray(lines)
    case 'bedrock-converse':
      return { contentType: contentTypes.eventstream, frames: lines.map(awsEvent) }
    case 'ollama':
      return { contentType: contentTypes.ndjson, frames: lines.map((line) => Buffer.from(`${line}\n`)) }
    default:
      return sse([...lines.map((line) => `data: ${line}\n\n`), 'data: [DONE]\n\n'])
  }
}

function sse(blocks: string[]): FramedBody {
  return { contentType: contentTypes.sse, frames: blocks.map((block) => Buffer.from(block)) }
}

function named(field: string, line: string): string {
  const name = parsed(line)?.[field]
  return typeof name === 'string' ? `event: ${name}\ndata: ${line}\n\n` : `data: ${line}\n\n`
}

function jsonArray(lines: string[]): FramedBody {
  const frames = lines.map((line, at) => Buffer.from(at === 0 ? `[${line}` : `\n,\r\n${line}`))
  frames.push(Buffer.from(lines.length === 0 ? '[]\n' : '\n]\n'))
  return { contentType: contentTypes.json, frames }
}

function awsEvent(line: string): Buffer {
  const [name, payload] = Object.entries(parsed(line) ?? {})[0] ?? ['', {}]
  const failed = name.endsWith('Exception')
  const headers = {
    [failed ? ':exception-type' : ':event-type']: name,
    ':content-type': 'application/json',
    ':message-type': failed ? 'exception' : 'event',
  }
  return encodeAwsMessage(headers, Buffer.from(JSON.stringify(payload)))
}

/** Some recordings hold broken JSON on purpose; those lines are served as they are. */
function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
