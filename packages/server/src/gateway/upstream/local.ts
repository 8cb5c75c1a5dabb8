import { createError, eventsOf, mockAnswer, textOfRequest } from '@switchyard/llm/kit'
import type { Answer, StreamEvent, StreamRenderer } from '@switchyard/llm/kit'
import type { DeploymentPlace } from '../../deployments/deployments.ts'
import type { Services } from '../../services.ts'
import type { GatewayAnswer } from '../answer.ts'
import { answerContext } from '../answer.ts'
import type { LlmCall } from '../call.ts'
import type { Exchange } from '../exchange.ts'
import type { OpenStream, StreamOutlet } from './open-stream.ts'
import type { StreamConverter } from './stream-converter.ts'

type LocalPlace = Exclude<DeploymentPlace, { type: 'provider' }>

/** Asks a model in this process; its answer takes the same way to the client as any other. */
export function askLocal(
  exchange: Exchange,
  call: LlmCall,
  place: LocalPlace,
  services: Services,
): GatewayAnswer {
  const request = call.chatRequest()
  if (request.nativeOnly !== undefined)
    throw createError({
      code: 'bad_request',
      message: `This value of '${request.nativeOnly}' refers to something that a provider keeps; the model '${call.model}' answers inside the gateway, which keeps nothing.`,
      param: request.nativeOnly,
    })
  const context = {
    model: place.type === 'local' ? place.name : call.model,
    newId: services.newId,
    nowMs: services.nowMs,
  }
  const mocked = (text: string): Answer =>
    mockAnswer(text, call.model, textOfRequest(request), services.newId().replaceAll('-', ''))
  if (call.stream) {
    const events =
      place.type === 'local' ? place.model.stream(request, context) : eventsOf(mocked(place.text))
    return {
      type: 'stream',
      url: '',
      providerHeaders: {},
      stream: streamOf(exchange, call, place, events, services),
    }
  }
  const answer = place.type === 'local' ? place.model.answer(request, context) : mocked(place.text)
  const answering = answerContext(exchange, call, answer, services)
  const rendered = call.dialect.renderAnswer(answer, answering)
  return {
    type: 'whole',
    url: '',
    providerHeaders: {},
    body: Buffer.from(JSON.stringify(rendered)),
    usage: answer.usage,
    model: servedModel(place, answer.model),
    id: answering.id,
    answer,
  }
}

/** A text that was given in advance bears the name that was asked for, which is no model's: prices are not looked up by it. */
function servedModel({ type }: LocalPlace, named: string): string | undefined {
  return type === 'mock' ? undefined : named
}

/** A stream over events that are there already, one write an event. */
function streamOf(
  exchange: Exchange,
  call: LlmCall,
  place: LocalPlace,
  events: Iterable<StreamEvent>,
  services: Services,
): OpenStream {
  const texts: string[] = []
  const converter: StreamConverter & { complete: boolean } = {
    push: () => '',
    end: () => '',
    fail: () => '',
    opened: true,
    done: false,
    complete: false,
    facts: { deliveredText: () => texts.join('') },
  }
  const iterator = events[Symbol.iterator]()
  let renderer: StreamRenderer | undefined
  let outlet: StreamOutlet | undefined
  let aborted = false

  const rendererFor = (start: { id: string; model: string }): StreamRenderer => {
    const context = answerContext(exchange, call, start, services)
    converter.facts.id = context.id
    return call.dialect.createStreamRenderer(context)
  }

  const run = (): void => {
    while (outlet !== undefined && !aborted) {
      const { value: event, done } = iterator.next()
      if (done === true) {
        outlet.end()
        return
      }
      renderer ??= rendererFor(event.type === 'start' ? event : { id: '', model: '' })
      if (event.type === 'start') converter.facts.model = servedModel(place, event.model)
      if (event.type === 'text-delta') texts.push(event.text)
      if (event.type === 'finish') {
        converter.facts.usage = event.usage
        converter.complete = true
      }
      const text = renderer.push(event)
      if (text !== '' && !outlet.write(text)) return
    }
  }

  return {
    headers: {},
    converter,
    pipe: (to) => {
      outlet = to
      run()
    },
    resume: run,
    abort: () => {
      aborted = true
    },
  }
}
