import {
  countRequest,
  countSurfaceOf,
  isSwitchyardError,
  parseCountTokensRequest,
  prepareCount,
  renderCountTokensAnswer,
} from '@switchyard/llm/kit'
import type { ChatRequest, JsonObject } from '@switchyard/llm/kit'
import { z } from 'zod'
import type { Deployment } from '../../deployments/deployments.ts'
import { sendCall } from '../../deployments/send-call.ts'
import { toGatewayFailure } from '../../gateway/gateway-failure.ts'
import { unknownModel } from '../../gateway/refusals.ts'
import type { Services } from '../../services.ts'
import { defineRoute, json } from '../route.ts'
import type { RestRoute } from '../route.ts'

const COUNT_MS = 10_000
const timeouts = { connectMs: 5_000, firstByteMs: COUNT_MS, idleMs: COUNT_MS, totalMs: COUNT_MS }

const body = z
  .looseObject({
    model: z.string().meta({ description: 'A model of this gateway' }),
    messages: z.array(z.unknown()).meta({ description: 'Messages in Anthropic’s shape' }),
    system: z.unknown().optional().meta({ description: 'A text, or a list of text blocks' }),
    tools: z.array(z.unknown()).optional(),
  })
  .meta({ id: 'CountTokensRequest' })

/** Anthropic's `count_tokens` for any model: the provider's own count where it has one, else ours. */
export function createCountTokensRoute(services: Services): RestRoute {
  return defineRoute({
    method: 'POST',
    paths: ['/v1/messages/count_tokens', '/messages/count_tokens'],
    tag: 'Tokens',
    summary:
      'Counts the input tokens of a Messages request: at the provider where it counts, else by estimate',
    access: 'models:use',
    dialect: 'anthropic-messages',
    body,
    example: { model: '<model>', messages: [{ role: 'user', content: 'Hello' }] },
    answer: { description: 'The count', schema: z.object({ input_tokens: z.int() }) },
    handle: async ({ id, body: given }) => {
      // It came out of JSON.
      const request = parseCountTokensRequest(given as JsonObject)
      const [deployment] = services.deployments.find(request.model)
      if (deployment === undefined) throw unknownModel(request.model)
      const counted = await countAtProvider(request, deployment, id, services)
      const tokens = counted ?? (await countRequest(request, nameOf(deployment))).tokens
      return json(renderCountTokensAnswer(tokens), {
        headers: { 'x-switchyard-token-count': counted === undefined ? 'estimated' : 'provider' },
      })
    },
  })
}

/** `undefined` where the provider does not count, or cannot just now: an estimate is better than no answer. */
async function countAtProvider(
  request: ChatRequest,
  deployment: Deployment,
  id: string,
  services: Services,
): Promise<number | undefined> {
  const { place } = deployment
  const surface = place.type === 'provider' ? countSurfaceOf(place.resolved) : undefined
  if (place.type !== 'provider' || surface === undefined) return undefined
  const { auth, newId } = services
  try {
    const call = prepareCount(place.resolved, surface, request, { env: auth.env.bind(auth), newId })
    return call.protocol.parseAnswer(await sendCall(call, auth, timeouts), call.parse)
  } catch (error) {
    if (!isSwitchyardError(error)) throw error
    const failure = toGatewayFailure(error)
    // The request itself is wrong: counting it here would hide that.
    if (failure.status === 400 || failure.status === 413 || failure.status === 422) throw error
    services.log.warn(
      { id, model: request.model, provider: error.provider, code: error.code },
      'tokens are estimated',
    )
    return undefined
  }
}

/** The name that tells the tokenizer. */
export function nameOf({ config, place }: Deployment): string {
  return config.baseModel ?? (place.type === 'provider' ? place.resolved.target.model : config.model)
}
