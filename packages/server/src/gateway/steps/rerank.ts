import {
  createError,
  estimateRerankUsage,
  parseRerankRequest,
  prepareRerank,
  renderRerankAnswer,
  rerankSurfaceOf,
} from '@switchyard/llm/kit'
import type { JsonObject, RerankAnswer, RerankRequest } from '@switchyard/llm/kit'
import type { Services } from '../../services.ts'
import type { WholeGatewayAnswer } from '../answer.ts'
import type { Ask } from '../attempt.ts'
import type { LlmCall } from '../call.ts'
import { askJson } from '../upstream/ask-json.ts'
import { plainRulesOf } from '../plain-rules.ts'
import { waitsFor } from '../waits.ts'
import { watchCall } from '../watch-call.ts'

/** Asks one deployment to put documents in order. */
export const rerank: Ask = async (exchange, call, deployment, lifetime, services) => {
  const { place, config } = deployment
  const request = parseRerankRequest({ ...(config.params as JsonObject), ...call.parsedBody() })
  if (place.type === 'mock')
    throw createError({
      code: 'bad_request',
      message: `The model '${call.model}' answers with a fixed text and ranks no documents.`,
      param: 'model',
    })
  if (place.type === 'local') {
    const context = { model: place.name, newId: services.newId, nowMs: services.nowMs }
    return renderAnswer(place.model.rank(request, context), request, call, '', services)
  }
  const prepared = prepareRerank(
    place.resolved,
    rerankSurfaceOf(place.resolved),
    request,
    plainRulesOf(call, deployment),
    { env: services.auth.env, newId: services.newId },
  )
  const watch = watchCall(exchange, lifetime, services)
  const answer = await askJson(prepared, waitsFor(deployment, false, lifetime), watch, services)
  return renderAnswer(answer, request, call, prepared.url, services)
}

function renderAnswer(
  answer: RerankAnswer,
  request: RerankRequest,
  call: LlmCall,
  url: string,
  { newId }: Services,
): WholeGatewayAnswer {
  // What its provider does not count is estimated as its price list counts: by the search.
  const usage = answer.usage ?? estimateRerankUsage(request)
  const rendered = renderRerankAnswer({ ...answer, usage }, request, newId)
  return {
    type: 'whole',
    url,
    providerHeaders: {},
    body: Buffer.from(JSON.stringify(rendered)),
    usage,
    model: answer.model === '' ? undefined : answer.model,
    id: rendered.id,
  }
}
