import type { SseFraming } from './fault-plan.ts'
import type { SseEvent } from './protocols/dialect.ts'

/** Writes events as one frame each, in one of the odd but legal ways that providers do it. */
export function frameEvents(events: SseEvent[], framing: SseFraming | undefined): Buffer[] {
  const blocks = events.map((event, at) => frameEvent(event, at, framing))
  if (framing === 'one-packet') return [Buffer.from(blocks.join(''))]
  return blocks.map((block) => Buffer.from(block))
}

function frameEvent({ name, data }: SseEvent, at: number, framing: SseFraming | undefined): string {
  const colon = framing === 'no-space' ? ':' : ': '
  const named = name === undefined ? [] : [`event${colon}${name}`]
  const payload = framing === 'multi-line' ? brokenInTwo(data) : [data]
  const lines = [...named, ...payload.map((line) => `data${colon}${line}`)]
  if (framing === 'data-first') lines.reverse()
  if (framing === 'fields') lines.unshift(`id: ${at}`, 'retry: 3000')
  if (framing === 'comments') lines.unshift(': still working', '')
  const lineEnd = framing === 'crlf' ? '\r\n' : framing === 'cr' ? '\r' : '\n'
  return lines.map((line) => line + lineEnd).join('') + lineEnd
}

/** A JSON document may be broken after its opening brace without changing its value. */
function brokenInTwo(data: string): string[] {
  return data.startsWith('{') ? ['{', data.slice(1)] : [data]
}
