import {
  createError,
  embeddingSurfaceOf,
  joinAnswers,
  parseEmbeddingRequest,
  prepareEmbedding,
  renderEmbeddingAnswer,
} from '@switchyard/llm/kit'
import type { EmbeddingAnswer, EmbeddingRequest, JsonObject } from '@switchyard/llm/kit'
import type { Deployment } from '../../deployments/deployments.ts'
import type { WholeGatewayAnswer } from '../answer.ts'
import type { Ask } from '../attempt.ts'
import type { LlmCall } from '../call.ts'
import { plainRulesOf } from '../plain-rules.ts'
import { askJson } from '../upstream/ask-json.ts'
import { waitsFor } from '../waits.ts'
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
    const prepared = prepareEmbedding(place.resolved, surface, part, plainRulesOf(call, deployment), context)
    url = prepared.url
    const watch = watchCall(exchange, lifetime, services)
    answers.push(await askJson(prepared, waitsFor(deployment, false, lifetime), watch, services))
  }
  return renderAnswer(joinAnswers(answers), request, call, url)
}

function readRequest(call: LlmCall, deployment: Deployment): EmbeddingRequest {
  return parseEmbeddingRequest({ ...(deployment.config.params as JsonObject), ...call.parsedBody() })
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
