import {
  createError,
  embeddingSurfaceOf,
  joinAnswers,
  parseEmbeddingRequest,
  parseJson,
  prepareEmbedding,
  renderEmbeddingAnswer,
} from '@switchyard/llm/kit'
import type {
  EmbeddingAnswer,
  EmbeddingProtocol,
  EmbeddingRequest,
  JsonObject,
  PreparedCall,
  PrepareRules,
} from '@switchyard/llm/kit'
import type { Deployment } from '../../deployments/deployments.ts'
import { signedHeaders } from '../../deployments/sign.ts'
import type { Services } from '../../services.ts'
import type { WholeGatewayAnswer } from '../answer.ts'
import type { Ask } from '../attempt.ts'
import type { LlmCall } from '../call.ts'
import { receiveWhole } from '../upstream/receive-whole.ts'
import type { CallWatch } from '../upstream/receive-whole.ts'
import { unreadable } from '../upstream/read-whole.ts'
import { addressOf } from '../upstream/relay-template.ts'
import { waitsFor } from '../waits.ts'
import type { Waits } from '../waits.ts'
import { watchCall } from '../watch-call.ts'

/** Asks one deployment for vectors, in as many calls as its provider's bound asks for. */
export const embed: Ask = async (exchange, call, deployment, lifetime, services) => {
  const request = readRequest(call, deployment)
  const { place } = deployment
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
  const context = { env: services.auth.env, newId: services.newId }
  const size = surface.protocol.maxInputs ?? request.inputs.length
  const answers: EmbeddingAnswer[] = []
  let url = ''
  for (let offset = 0; offset < request.inputs.length; offset += size) {
    const part = { ...request, inputs: request.inputs.slice(offset, offset + size) }
    const prepared = prepareEmbedding(place.resolved, surface, part, rulesOf(call, deployment), context)
    url = prepared.url
    const watch = watchCall(exchange, lifetime, services)
    answers.push(await ask(prepared, waitsFor(deployment, false, lifetime), watch, services))
  }
  return renderAnswer(joinAnswers(answers), request, call, url)
}

function readRequest(call: LlmCall, deployment: Deployment): EmbeddingRequest {
  return parseEmbeddingRequest({ ...(deployment.config.params as JsonObject), ...call.parsedBody() })
}

function rulesOf(call: LlmCall, { config }: Deployment): PrepareRules {
  return { extraBody: { ...(config.target.extraBody as JsonObject | undefined), ...call.options.extraBody } }
}

async function ask(
  prepared: PreparedCall<EmbeddingProtocol>,
  waits: Waits,
  watch: CallWatch,
  services: Services,
): Promise<EmbeddingAnswer> {
  const { parse, protocol, url } = prepared
  const body = JSON.stringify(prepared.body)
  const headers = await signedHeaders(prepared, body, services.auth)
  const { origin, path } = addressOf(url)
  const plan = { request: { origin, path, headers, body, ...waits }, parse, protocol }
  return receiveWhole(services.upstream, plan, watch, (whole) => {
    const json = parseJson(whole.body.toString())
    if (json === undefined)
      throw unreadable(whole.headers['content-type'], { provider: parse.provider, model: parse.model })
    return protocol.parseAnswer(json, parse)
  })
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
    id: undefined,
    vectors: answer,
  }
}
