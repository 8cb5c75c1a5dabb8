import { createError } from '@switchyard/llm/kit'
import { z } from 'zod'
import type { Services } from '../../services.ts'
import { defineRoute, json } from '../route.ts'
import type { RestRoute } from '../route.ts'

const NAMES = ['database', 'cache'] as const
type Name = (typeof NAMES)[number]

const state = z
  .object({
    service: z.enum(NAMES),
    status: z.enum(['healthy', 'unhealthy', 'not_configured']),
    message: z.string(),
  })
  .meta({ id: 'ServiceHealth' })
type State = z.infer<typeof state>

/** Whether what the gateway itself depends on answers. */
export function createServicesRoute(services: Services): RestRoute {
  return defineRoute({
    method: 'GET',
    paths: ['/health/services'],
    tag: 'Health',
    summary: 'Whether the gateway’s own services answer: its database, its cache; 503 when one does not',
    access: 'config:read',
    query: z.object({
      service: z
        .string()
        .optional()
        .meta({ description: `Only this one: ${NAMES.join(', ')}` }),
    }),
    answer: {
      description: 'They answer, as far as there are any',
      schema: z.object({ status: z.enum(['success', 'error']), services: z.array(state) }),
    },
    handle: async ({ query: { service } }) => {
      const asked = service === undefined ? NAMES : NAMES.filter((name) => name === service)
      if (asked.length === 0)
        throw createError({
          code: 'bad_request',
          reason: 'invalid_type',
          param: 'service',
          message: `Invalid value for 'service': expected one of ${NAMES.join(', ')}.`,
        })
      const states = await Promise.all(asked.map((name) => stateOf(name, services)))
      const isWell = states.every(({ status }) => status !== 'unhealthy')
      return json({ status: isWell ? 'success' : 'error', services: states }, isWell ? {} : { status: 503 })
    },
  })
}

async function stateOf(service: Name, { store, cache, log }: Services): Promise<State> {
  const ping = {
    database: store === undefined ? undefined : () => store.database.ping(),
    cache: cache === undefined ? undefined : () => cache.responses.store.ping(),
  }[service]
  if (ping === undefined) return { service, status: 'not_configured', message: `There is no ${service}.` }
  try {
    await ping()
    return { service, status: 'healthy', message: `The ${service} answers.` }
  } catch (error) {
    log.warn({ error, service }, 'a service that was asked for its health does not answer')
    return {
      service,
      status: 'unhealthy',
      message: `The ${service} does not answer; the log has the details.`,
    }
  }
}
