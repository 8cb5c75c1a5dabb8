import type { ServerResponse } from 'node:http'
import { encodeFrames } from './content-encoding.ts'
import type { Exchange } from './exchange.ts'
import type { FaultPlan } from './fault-plan.ts'
import type { Json, SseEvent } from './protocols/dialect.ts'
import { split } from './replay-provider.ts'
import { frameEvents } from './sse-framing.ts'

/** A whole answer, or the events of a stream together with its dialect's in-stream error. */
export type Answer = { status: number; json: Json } | { events: SseEvent[]; failure: SseEvent }

/** Sends an answer, with the plan's faults of transport and framing. */
export async function deliver(
  exchange: Exchange,
  response: ServerResponse,
  answer: Answer,
  plan: FaultPlan,
): Promise<void> {
  for (const [name, value] of Object.entries(plan.headers ?? {})) response.setHeader(name, value)
  if (plan.replace) {
    const { status = 200, contentType = 'application/json', body } = plan.replace
    response.writeHead(status, { 'content-type': contentType })
    exchange.end(Buffer.from(body))
  } else if ('events' in answer) {
    await deliverStream(exchange, response, answer, plan)
  } else {
    await deliverWhole(exchange, response, answer, plan)
  }
}

async function deliverWhole(
  exchange: Exchange,
  response: ServerResponse,
  answer: { status: number; json: Json },
  plan: FaultPlan,
): Promise<void> {
  const { encoding, frames } = await encodeFrames([damaged(answer.json, plan)], plan.encoding)
  const body = Buffer.concat(frames)
  const contentLength = body.length + (plan.lengthOffset ?? 0)
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': contentLength,
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
  })
  if (plan.lengthOffset !== undefined) {
    await exchange.write(body)
    return exchange.cut('close')
  }
  const stop = plan.stop
  if (stop && stop.by !== 'error-event') {
    const middle = stop.by === 'cut-in-character' ? insideCharacter(body) : body.length >> 1
    await exchange.write(body.subarray(0, middle))
    if (stop.by !== 'hang') return exchange.cut(stop.by === 'reset' ? 'reset' : 'close')
    await exchange.waitAtGate()
    return exchange.end(body.subarray(middle))
  }
  for (const piece of split(body, plan.splitBytes ?? body.length)) await exchange.write(piece)
  exchange.end()
}

async function deliverStream(
  exchange: Exchange,
  response: ServerResponse,
  answer: { events: SseEvent[]; failure: SseEvent },
  plan: FaultPlan,
): Promise<void> {
  const { encoding, frames } = await encodeFrames(frameEvents(answer.events, plan.framing), plan.encoding)
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
  })
  response.flushHeaders()
  const { stop } = plan
  const stopAt = stop?.by === 'cut-in-character' ? frames.findIndex(hasMultibyte) : stop?.afterEvents
  for (const [at, frame] of frames.entries()) {
    if (stop && at === stopAt) {
      const goesOn = await stopStream(exchange, stop.by, frame, answer.failure)
      if (!goesOn) return
    }
    for (const piece of plan.splitBytes === undefined ? [frame] : split(frame, plan.splitBytes)) {
      await exchange.write(piece)
    }
  }
  exchange.end()
}

/** Answers whether the stream goes on afterwards: only when a hanging one was released. */
async function stopStream(
  exchange: Exchange,
  by: NonNullable<FaultPlan['stop']>['by'],
  frame: Buffer,
  failure: SseEvent,
): Promise<boolean> {
  switch (by) {
    case 'hang':
      await exchange.waitAtGate()
      return true
    case 'error-event':
      exchange.end(Buffer.concat(frameEvents([failure], undefined)))
      return false
    case 'end':
      exchange.end()
      return false
    case 'cut-in-character':
      await exchange.write(frame.subarray(0, insideCharacter(frame)))
      break
    case 'cut-in-event':
      await exchange.write(frame.subarray(0, frame.length >> 1))
      break
    default:
  }
  await exchange.cut(by === 'reset' ? 'reset' : 'close')
  return false
}

function damaged(json: Json, plan: FaultPlan): Buffer {
  const body = Buffer.from(JSON.stringify(json))
  if (plan.body === 'truncated') return body.subarray(0, body.length >> 1)
  if (plan.body === 'trailing-garbage') return Buffer.concat([body, Buffer.from('}\n<!-- -->')])
  return body
}

function hasMultibyte(frame: Buffer): boolean {
  return frame.some((byte) => byte > 0x7f)
}

/** Just behind the first byte of the first character that has several. */
function insideCharacter(bytes: Buffer): number {
  const lead = bytes.findIndex((byte) => byte > 0x7f)
  return lead === -1 ? bytes.length >> 1 : lead + 1
}
