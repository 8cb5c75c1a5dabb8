import { z } from 'zod'
import { unknownModel } from '../../gateway/refusals.ts'
import { probeAll } from '../probe.ts'
import type { Services } from '../../services.ts'
import type { Database } from '../../store/database.ts'
import { defineRoute, json } from '../route.ts'
import type { RestAnswer, RestRoute } from '../route.ts'

const readiness = z
  .object({
    status: z.enum(['healthy', 'unhealthy', 'draining']),
    db: z.string(),
    cache: z.string().nullable(),
    litellm_version: z.string().meta({ description: 'Ours, under the name that LiteLLM’s tools look for' }),
    switchyard_version: z.string(),
    success_callbacks: z.array(z.string()),
  })
  .meta({ id: 'Readiness' })

const endpoint = z
  .looseObject({
    model: z.string(),
    model_name: z.string().meta({ description: 'The name that clients ask for' }),
    model_id: z.string(),
    api_base: z.string().optional(),
    error: z.string().optional(),
  })
  .meta({ id: 'EndpointHealth' })

const health = z
  .object({
    healthy_endpoints: z.array(endpoint),
    unhealthy_endpoints: z.array(endpoint),
    healthy_count: z.int(),
    unhealthy_count: z.int(),
  })
  .meta({ id: 'Health' })

const query = z.object({
  model: z.string().optional().meta({ description: 'Only the deployments of this model' }),
})

export function createHealthRoutes(services: Services): readonly RestRoute[] {
  const alive = defineRoute({
    method: 'GET',
    paths: ['/health/liveliness', '/health/liveness', '/health/live'],
    tag: 'Health',
    summary: 'Whether the process runs',
    access: 'public',
    answer: { description: 'It runs', schema: z.string().meta({ example: "I'm alive!" }) },
    handle: () => json("I'm alive!"),
  })
  const ready = defineRoute({
    method: 'GET',
    paths: ['/health/readiness', '/health/ready'],
    tag: 'Health',
    summary: 'Whether the gateway takes requests; 503 while it is ending or its database is away',
    access: 'public',
    answer: { description: 'It takes requests', schema: readiness },
    handle: () => tellReadiness(services),
  })
  // LiteLLM tells the public less than its callers; here there is nothing to hide.
  const details = defineRoute({
    method: 'GET',
    paths: ['/health/readiness/details'],
    tag: 'Health',
    summary: 'The same for callers with a key',
    access: 'health:run',
    answer: { description: 'It takes requests', schema: readiness },
    handle: () => tellReadiness(services),
  })
  const all = defineRoute({
    method: 'GET',
    paths: ['/health'],
    tag: 'Health',
    summary: 'Asks every deployment for a few tokens and says which answered; costs what that costs',
    access: 'health:run',
    query,
    answer: { description: 'Who answered and who did not', schema: health },
    handle: async ({ query: { model } }) => {
      const { deployments } = services
      const asked = model === undefined ? deployments.all() : deployments.find(model)
      if (model !== undefined && asked.length === 0) throw unknownModel(model)
      const { healthy, unhealthy } = await probeAll(asked, services)
      return json({
        healthy_endpoints: healthy,
        unhealthy_endpoints: unhealthy,
        healthy_count: healthy.length,
        unhealthy_count: unhealthy.length,
      })
    },
  })
  return [alive, ready, details, all]
}

async function tellReadiness({ version, state, store, cache }: Services): Promise<RestAnswer> {
  const connected = store !== undefined && (await answers(store.database))
  const status = state.draining ? 'draining' : connected || store === undefined ? 'healthy' : 'unhealthy'
  const body: z.infer<typeof readiness> = {
    status,
    db: connected ? 'connected' : 'Not connected',
    cache: cache?.responses.store.id ?? null,
    litellm_version: version,
    switchyard_version: version,
    success_callbacks: [],
  }
  return json(body, status !== 'healthy' ? { status: 503, headers: { 'retry-after': '1' } } : {})
}

async function answers(database: Database): Promise<boolean> {
  try {
    await database.ping()
    return true
  } catch {
    return false
  }
}
