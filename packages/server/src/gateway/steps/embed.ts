import {
  createError,
  embeddingSurfaceOf,
  failureOfCredentials,
  joinAnswers,
  parseEmbeddingRequest,
  parseJson,
  prepareEmbedding,
  renderEmbeddingAnswer,
  signCall,
} from '@switchyard/llm/kit'
import type {
  EmbeddingAnswer,
  EmbeddingProtocol,
  EmbeddingRequest,
  JsonObject,
  PreparedCall,
  Surface,
} from '@switchyard/llm/kit'
import type { Deployment } from '../../deployments/deployments.ts'
import type { Services } from '../../services.ts'
import type { WholeGatewayAnswer } from '../answer.ts'
import type { LlmCall } from '../call.ts'
import type { Lifetime } from '../lifetime.ts'
import { receiveWhole } from '../upstream/receive-whole.ts'
import { unreadable } from '../upstream/read-whole.ts'
import { addressOf } from '../upstream/relay-template.ts'
import { waitsFor } from '../waits.ts'
import type { Waits } from '../waits.ts'
import type { Ask } from './dispatch.ts'

/** Asks one deployment for vectors, in as many calls as its provider's bound asks for. */
export const embed: Ask = async (exchange, call, deployment, lifetime, services) => {
  const request = readRequest(call, deployment)
  const { place } = deployment
  const startedMs = services.monotonicMs()
  if (place.type !== 'provider') {
    if (place.type === 'mock')
      throw createError({
        code: 'bad_request',
        message: `The model '${call.model}' answers with a fixed text and has no embeddings.`,
        param: 'model',
      })
    const context = { model: place.name, newId: services.newId, nowMs: services.nowMs }
    return renderAnswer(place.model.embed(request, context), request, call, '')
  }
  const surface = embeddingSurfaceOf(place.resolved)
  const size = surface.protocol.maxInputs ?? request.inputs.length
  const answers: EmbeddingAnswer[] = []
  let url = ''
  for (let offset = 0; offset < request.inputs.length; offset += size) {
    const part = { ...request, inputs: request.inputs.slice(offset, offset + size) }
    const prepared = prepare(part, surface, call, deployment, services)
    url = prepared.url
    answers.push(await ask(prepared, waitsFor(deployment, false, lifetime), lifetime, services))
  }
  exchange.receipt.upstreamMs += services.monotonicMs() - startedMs
  return renderAnswer(joinAnswers(answers), request, call, url)
}

function readRequest(call: LlmCall, deployment: Deployment): EmbeddingRequest {
  return parseEmbeddingRequest({ ...(deployment.config.params as JsonObject), ...call.parsedBody() })
}

function prepare(
  request: EmbeddingRequest,
  surface: Surface<EmbeddingProtocol>,
  call: LlmCall,
  deployment: Deployment,
  services: Services,
): PreparedCall<EmbeddingProtocol> {
  const { place, config } = deployment
  if (place.type !== 'provider') throw new TypeError('only providers are asked over the network')
  const rules = {
    extraBody: { ...(config.target.extraBody as JsonObject | undefined), ...call.options.extraBody },
  }
  return prepareEmbedding(place.resolved, surface, request, rules, {
    env: services.auth.env,
    newId: services.newId,
  })
}

async function ask(
  prepared: PreparedCall<EmbeddingProtocol>,
  waits: Waits,
  lifetime: Lifetime,
  services: Services,
): Promise<EmbeddingAnswer> {
  const { parse, protocol, resolved, url } = prepared
  const body = JSON.stringify(prepared.body)
  const place = { provider: parse.provider, model: parse.model }
  let headers: Record<string, string>
  try {
    headers = await signCall(prepared, body, services.auth)
  } catch (error) {
    throw failureOfCredentials(error, resolved.provider, place)
  }
  const { origin, path } = addressOf(url)
  const plan = { request: { origin, path, headers, body, ...waits }, parse, protocol }
  const whole = await receiveWhole(services.upstream, plan, (running) =>
    lifetime.onOver(() => running.abort()),
  )
  const json = parseJson(whole.body.toString())
  if (json === undefined) throw unreadable(whole.headers['content-type'], place)
  return protocol.parseAnswer(json, parse)
}

function renderAnswer(
  answer: EmbeddingAnswer,
  request: EmbeddingRequest,
  call: LlmCall,
  url: string,
): WholeGatewayAnswer {
  const model = answer.model === '' ? call.model : answer.model
  return {
    type: 'whole',
    url,
    providerHeaders: {},
    body: Buffer.from(JSON.stringify(renderEmbeddingAnswer(answer, request, model))),
    usage: answer.usage,
    model: answer.model === '' ? undefined : answer.model,
  }
}
