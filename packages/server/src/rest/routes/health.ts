import { z } from 'zod'
import { unknownModel } from '../../gateway/refusals.ts'
import type { HealthCheck } from '../../deployments/health/probe.ts'
import type { Deployment } from '../../deployments/deployments.ts'
import type { Services } from '../../services.ts'
import type { Database } from '../../store/database.ts'
import { withoutSecrets } from '../address.ts'
import { defineRoute, json } from '../route.ts'
import type { RestAnswer, RestRoute } from '../route.ts'
import { createServicesRoute } from './health-services.ts'

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

const row = z
  .object({
    model_name: z.string().meta({ description: 'The group' }),
    model_id: z.string(),
    status: z.enum(['healthy', 'unhealthy']),
    error_message: z.string().nullable(),
    response_time_ms: z.number(),
    checked_at: z.string(),
  })
  .meta({ id: 'HealthCheck' })

const MAX_PAGE = 1_000
const historyQuery = z.object({
  model: z.string().optional().meta({ description: 'Only this group' }),
  status_filter: z.enum(['healthy', 'unhealthy']).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(100),
  offset: z.coerce.number().int().min(0).default(0),
})
const historyAnswer = z.object({
  health_checks: z.array(row),
  total_records: z.int(),
  limit: z.int(),
  offset: z.int(),
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
    summary:
      'Which deployments answer: as background checks found, else each is asked for a few tokens, at its price',
    access: 'config:read',
    query,
    answer: { description: 'Who answered and who did not', schema: health },
    handle: async ({ query: { model } }) => {
      const { deployments } = services
      const asked = model === undefined ? deployments.all() : deployments.find(model)
      if (model !== undefined && asked.length === 0) throw unknownModel(model)
      const checks = await checksOf(asked, services)
      const healthy = checks.filter(({ error }) => error === undefined).map(endpointOf)
      const unhealthy = checks.filter(({ error }) => error !== undefined).map(endpointOf)
      return json({
        healthy_endpoints: healthy,
        unhealthy_endpoints: unhealthy,
        healthy_count: healthy.length,
        unhealthy_count: unhealthy.length,
      })
    },
  })
  const history = defineRoute({
    method: 'GET',
    paths: ['/health/history'],
    tag: 'Health',
    summary: 'The last checks, the newest first; this instance remembers 1,000',
    access: 'config:read',
    query: historyQuery,
    answer: { description: 'Checks', schema: historyAnswer },
    handle: ({ query: { model, status_filter: status, limit, offset } }) => {
      const found = services.health
        .history()
        .filter(
          (check) =>
            (model === undefined || check.deployment.group === model) &&
            (status === undefined || statusOf(check) === status),
        )
      return json({
        health_checks: found.slice(offset, offset + limit).map(rowOf),
        total_records: found.length,
        limit,
        offset,
      })
    },
  })
  const latest = defineRoute({
    method: 'GET',
    paths: ['/health/latest'],
    tag: 'Health',
    summary: 'The last check of each deployment, by its id',
    access: 'config:read',
    answer: {
      description: 'Checks',
      schema: z.object({ latest_health_checks: z.record(z.string(), row), total_models: z.int() }),
    },
    handle: () => {
      const found = services.deployments.all().flatMap(({ id }) => services.health.latest(id) ?? [])
      return json({
        latest_health_checks: Object.fromEntries(found.map((check) => [check.deployment.id, rowOf(check)])),
        total_models: found.length,
      })
    },
  })
  return [alive, ready, details, all, history, latest, createServicesRoute(services)]
}

/** What the background checks have found; those that they have not looked at are asked now. */
async function checksOf(
  asked: readonly Deployment[],
  { health, config }: Services,
): Promise<readonly HealthCheck[]> {
  if (!config.health.background) return health.check(asked)
  await health.check(asked.filter(({ id }) => health.latest(id) === undefined))
  return asked.flatMap(({ id }) => health.latest(id) ?? [])
}

function statusOf({ error }: HealthCheck): 'healthy' | 'unhealthy' {
  return error === undefined ? 'healthy' : 'unhealthy'
}

function endpointOf({ deployment, error }: HealthCheck): z.infer<typeof endpoint> {
  const { config, group, id } = deployment
  const { apiBase } = config.target
  return {
    model: config.model,
    model_name: group,
    model_id: id,
    api_base: apiBase === undefined ? undefined : withoutSecrets(apiBase),
    error,
  }
}

function rowOf(check: HealthCheck): z.infer<typeof row> {
  const { deployment, error, durationMs, atMs } = check
  return {
    model_name: deployment.group,
    model_id: deployment.id,
    status: statusOf(check),
    error_message: error ?? null,
    response_time_ms: Math.round(durationMs),
    checked_at: new Date(atMs).toISOString(),
  }
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
