import { createError } from '@switchyard/llm/kit'
import { z } from 'zod'
import { redactTree } from '../../config/secrets/redact.ts'
import { readCall } from '../../gateway/call.ts'
import { unknownModel } from '../../gateway/refusals.ts'
import { LLM_ROUTES } from '../../gateway/routes/routes.ts'
import type { LlmOperation, LlmRoute } from '../../gateway/routes/routes.ts'
import { planCall } from '../../gateway/upstream/plan.ts'
import type { Services } from '../../services.ts'
import { withoutSecrets } from '../address.ts'
import { defineRoute, json } from '../route.ts'
import type { RestRoute } from '../route.ts'

/** LiteLLM's words for kinds of calls. */
const OPERATIONS: Readonly<Record<string, LlmOperation>> = {
  completion: 'chat',
  acompletion: 'chat',
  text_completion: 'completions',
  atext_completion: 'completions',
  responses: 'responses',
  aresponses: 'responses',
  anthropic_messages: 'messages',
}

const NOT_SENT = { firstByteMs: 0, idleMs: 0 }

/** Shows what would go to the provider, and sends nothing. */
export function createTransformRequestRoute(services: Services): RestRoute {
  return defineRoute({
    method: 'POST',
    paths: ['/utils/transform_request'],
    tag: 'Models',
    summary: 'What a request would be for its provider; nothing is sent',
    access: 'config:read',
    body: z
      .object({
        call_type: z.enum(Object.keys(OPERATIONS)).meta({ description: 'LiteLLM’s word: `completion` …' }),
        request_body: z.looseObject({ model: z.string() }).meta({ description: 'As a client would send it' }),
      })
      .meta({ id: 'TransformRequest' }),
    example: {
      call_type: 'completion',
      request_body: { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] },
    },
    answer: {
      description: 'Address, headers and body, secrets masked',
      schema: z.object({
        raw_request_api_base: z.string(),
        raw_request_body: z.unknown(),
        raw_request_headers: z.record(z.string(), z.unknown()),
      }),
    },
    handle: async ({ body: { call_type: callType, request_body: body } }) => {
      const call = readCall(routeOf(callType), {}, {}, Buffer.from(JSON.stringify(body)))
      const [deployment] = services.deployments.find(call.model)
      if (deployment === undefined) throw unknownModel(call.model)
      const { place } = deployment
      if (place.type !== 'provider')
        throw createError({
          code: 'bad_request',
          message: `The model '${call.model}' answers inside this gateway: there is no request to a provider.`,
          param: 'request_body.model',
        })
      const { url, request } = await planCall(call, deployment, place.resolved, services, NOT_SENT)
      const sent: unknown = JSON.parse(request.body.toString())
      return json({
        raw_request_api_base: withoutSecrets(url),
        raw_request_body: sent,
        raw_request_headers: redactTree(request.headers),
      })
    },
  })
}

function routeOf(callType: string): LlmRoute {
  const operation = OPERATIONS[callType]
  const route = LLM_ROUTES.find((one) => one.operation === operation)
  if (route === undefined) throw new TypeError(`there is no route for ${callType}`)
  return route
}
