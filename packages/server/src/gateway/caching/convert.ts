import { collect, createFrameReader, eventsOf, formats, parseJson } from '@switchyard/llm/kit'
import type { Answer, DialectId, ParseContext, StreamEvent } from '@switchyard/llm/kit'
import type { Services } from '../../services.ts'
import { answerContext } from '../answer.ts'
import type { LlmCall } from '../call.ts'
import type { Exchange } from '../exchange.ts'
import type { StoredAnswer } from './stored-answer.ts'

/** Reads what was given to a client, in the client's own format, back into events. */
function eventsIn(stored: StoredAnswer, call: LlmCall): StreamEvent[] {
  const format = formats[call.dialect.id as DialectId]
  const context: ParseContext = {
    provider: stored.provider ?? '',
    model: stored.model ?? call.model,
    quirks: {},
    newId: () => '',
  }
  const events: StreamEvent[] = []
  if (stored.form === 'whole')
    events.push(...eventsOf(format.parseAnswer(parseJson(stored.body) ?? null, context)))
  else {
    const reader = createFrameReader(format.framing)
    const parser = format.createStreamParser(context)
    for (const frame of [...reader.push(Buffer.from(stored.body)), ...reader.end()])
      events.push(...parser.push(frame))
    events.push(...parser.end())
  }
  return events.map((event) =>
    event.type === 'finish' && stored.usage !== undefined ? { ...event, usage: stored.usage } : event,
  )
}

/** What was a stream as a whole answer. */
export function wholeOf(
  stored: StoredAnswer,
  exchange: Exchange,
  call: LlmCall,
  services: Services,
): { body: Buffer; answer: Answer } {
  const answer = collect(eventsIn(stored, call))
  const rendered = call.dialect.renderAnswer(answer, answerContext(exchange, call, answer, services))
  return { body: Buffer.from(JSON.stringify(rendered)), answer }
}

/** What was a whole answer, or a stream that told less or more, as the stream that the client wants. */
export function streamOf(
  stored: StoredAnswer,
  exchange: Exchange,
  call: LlmCall,
  services: Services,
): Buffer {
  const events = eventsIn(stored, call)
  const start = events.find((event) => event.type === 'start') ?? { id: '', model: '' }
  const renderer = call.dialect.createStreamRenderer(answerContext(exchange, call, start, services))
  return Buffer.from(events.map((event) => renderer.push(event)).join(''))
}

/** What an answer says, in words. */
export function textIn(stored: StoredAnswer, call: LlmCall): string {
  let text = ''
  for (const event of eventsIn(stored, call))
    if (event.type === 'text-delta' || event.type === 'refusal-delta') text += event.text
    else if (event.type === 'tool-call-delta') text += event.arguments
  return text
}

/** Whether an answer ended because there was no room for more of it. */
export function wasCut(stored: StoredAnswer, call: LlmCall): boolean {
  return collect(eventsIn(stored, call)).choices.some(({ finish }) => finish.reason === 'length')
}
