import {
  createError,
  parseTranscriptionRequest,
  prepareTranscription,
  renderTranscription,
  transcriptionSurfaceOf,
  transcriptionUsage,
} from '@switchyard/llm/kit'
import type { JsonObject, TranscriptionAnswer, TranscriptionRequest } from '@switchyard/llm/kit'
import { signedHeaders } from '../../deployments/sign.ts'
import type { Deployment } from '../../deployments/deployments.ts'
import type { WholeGatewayAnswer } from '../answer.ts'
import type { Ask } from '../attempt.ts'
import type { LlmCall } from '../call.ts'
import { plainRulesOf } from '../plain-rules.ts'
import { writeTranscript } from '../transcript-form.ts'
import { receiveWhole } from '../upstream/receive-whole.ts'
import { addressOf } from '../upstream/relay-template.ts'
import { waitsFor } from '../waits.ts'
import { watchCall } from '../watch-call.ts'

/** Has one deployment listen to a recording. */
export const transcribe: Ask = async (exchange, call, deployment, lifetime, services) => {
  const request = requestOf(call, deployment)
  const { place } = deployment
  const mock = call.options.mockResponse ?? (place.type === 'mock' ? place.text : undefined)
  if (mock !== undefined) return renderAnswer({ model: '', text: mock }, request, call, '')
  if (place.type === 'local') {
    const context = { model: place.name, newId: services.newId, nowMs: services.nowMs }
    return renderAnswer(place.model.listen(request, context), request, call, '')
  }
  if (place.type === 'mock') throw new TypeError('a mock without its text')
  const prepared = prepareTranscription(
    place.resolved,
    transcriptionSurfaceOf(place.resolved),
    request,
    plainRulesOf(call, deployment),
    { env: services.auth.env, newId: services.newId },
  )
  const { parse, protocol, url } = prepared
  const body = Buffer.from(prepared.body.buffer, prepared.body.byteOffset, prepared.body.length)
  const headers = await signedHeaders(prepared, body, services.auth)
  const { origin, path } = addressOf(url)
  const waits = waitsFor(deployment, false, lifetime)
  const plan = { request: { origin, path, headers, body, ...waits }, parse, protocol }
  const watch = watchCall(exchange, lifetime, services)
  const answer = await receiveWhole(services.upstream, plan, watch, (whole) =>
    protocol.parseAnswer(whole.body.toString(), parse),
  )
  return renderAnswer(answer, request, call, url)
}

function requestOf(call: LlmCall, { config }: Deployment): TranscriptionRequest {
  const { file } = call
  if (file === undefined)
    throw createError({ code: 'internal', message: 'There is no recording to listen to.' })
  const { stream: _stream, ...body } = call.parsedBody()
  return parseTranscriptionRequest({ ...(config.params as JsonObject), ...body }, file)
}

function renderAnswer(
  answer: TranscriptionAnswer,
  request: TranscriptionRequest,
  call: LlmCall,
  url: string,
): WholeGatewayAnswer {
  // What its provider does not tell is estimated by the recording, which is what most are billed by.
  const usage = transcriptionUsage(answer, request.file)
  const transcript = renderTranscription({ ...answer, usage }, request)
  return {
    type: 'whole',
    url,
    providerHeaders: {},
    body: Buffer.from(writeTranscript(transcript, call.contentType)),
    usage,
    model: answer.model === '' ? undefined : answer.model,
    id: undefined,
  }
}
