import type { JsonObject } from '@switchyard/llm/kit'
import { z } from 'zod'
import { explainRoute } from '../../gateway/explain-route.ts'
import type { Services } from '../../services.ts'
import { defineRoute, json } from '../route.ts'
import type { RestRoute } from '../route.ts'

const deployment = z.object({
  id: z.string(),
  model_name: z.string().meta({ description: 'Its group' }),
  model: z.string().meta({ description: 'The model string with its provider' }),
})

const answer = z
  .object({
    model: z.string(),
    routing_strategy: z.string(),
    chosen: deployment.nullable(),
    others: z.array(
      deployment.extend({
        why: z.string().meta({ description: '`cooling_down`, `window_too_small`, `not_picked` …' }),
        detail: z.string().optional(),
      }),
    ),
    fallbacks: z.array(z.string()).meta({ description: 'Whom the router would ask after a failure' }),
    refusal: z.string().optional().meta({ description: 'What a client would hear now' }),
    auto: z
      .object({
        models: z.array(z.string()).meta({ description: 'Of the rules that hold, the best first' }),
        passed: z.array(z.object({ model: z.string(), why: z.string(), detail: z.string().optional() })),
      })
      .optional()
      .meta({ description: 'Where the name stands for one of several models' }),
  })
  .meta({ id: 'RouteExplanation' })

/** Shows where a request would go, and sends nothing. */
export function createRouteRoute(services: Services): RestRoute {
  return defineRoute({
    method: 'POST',
    paths: ['/utils/route'],
    tag: 'Models',
    summary: 'Which deployment a request would be sent to, and why to none of the others; nothing is sent',
    access: 'config:read',
    body: z
      .looseObject({ model: z.string() })
      .meta({ id: 'RouteQuestion', description: 'A chat request; `messages` may be left out' }),
    example: { model: 'gpt-4o', tags: ['batch'] },
    answer: { description: 'Where it would go', schema: answer },
    handle: async ({ body, headers, principal }) =>
      // The body is JSON: it was parsed from it.
      json(await explainRoute({ body: body as JsonObject, headers, principal }, services)),
  })
}
