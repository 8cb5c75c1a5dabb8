import { createError, isSwitchyardError } from '@switchyard/llm/kit'
import { z } from 'zod'
import type { AnswerCache } from '../cache/answer-cache.ts'
import { defineRoute, json } from '../rest/route.ts'
import type { RestRoute } from '../rest/route.ts'
import type { Services } from '../services.ts'

/** What the cache can be asked about itself, in LiteLLM's words. */
export function createCacheRoutes({ cache }: Pick<Services, 'cache'>): readonly RestRoute[] {
  return [
    defineRoute({
      method: 'GET',
      paths: ['/cache/ping'],
      tag: 'Gateway',
      summary: 'Whether the cache can be reached',
      access: 'cache:read',
      answer: {
        description: 'It can',
        schema: z.looseObject({ status: z.string(), cache_type: z.string() }),
      },
      handle: async () => {
        const { store, rules } = opened(cache).responses
        await reach(() => store.ping())
        return json({
          status: 'healthy',
          cache_type: store.id,
          ping_response: true,
          set_cache_response: 'success',
          litellm_cache_params: {
            type: store.id,
            namespace: rules.namespace ?? null,
            mode: rules.mode,
            ttl: rules.ttlMs === undefined ? null : rules.ttlMs / 1000,
            supported_call_types: rules.operations === undefined ? null : [...rules.operations],
          },
        })
      },
    }),
    defineRoute({
      method: 'POST',
      paths: ['/cache/delete'],
      tag: 'Gateway',
      summary: 'Takes answers out of the cache',
      access: 'cache:write',
      body: z.object({ keys: z.array(z.string()).nullish() }).optional(),
      example: { keys: ['key'] },
      answer: { description: 'They are gone', schema: z.looseObject({ status: z.string() }) },
      handle: async ({ body }) => {
        const { store } = opened(cache).responses
        const deleted = await reach(() => store.delete(body?.keys ?? []))
        return json({ status: 'success', deleted })
      },
    }),
    defineRoute({
      method: 'POST',
      paths: ['/cache/flushall'],
      tag: 'Gateway',
      summary: 'Empties the cache',
      access: 'cache:write',
      answer: { description: 'It is empty', schema: z.looseObject({ status: z.string() }) },
      handle: async () => {
        const { store } = opened(cache).responses
        await reach(() => store.clear())
        return json({ status: 'success' })
      },
    }),
  ]
}

function opened(cache: AnswerCache | undefined): AnswerCache {
  if (cache !== undefined) return cache
  throw createError({
    code: 'service_unavailable',
    type: 'cache_ping_error',
    retryable: false,
    message:
      'Cache not initialized. litellm.cache is None: this gateway keeps no answers. Set litellm_settings.cache.',
  })
}

/** A store says what is wrong with it in its own words, which may hold addresses. */
async function reach<Value>(work: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    if (isSwitchyardError(error)) throw error
    throw createError({
      code: 'service_unavailable',
      type: 'cache_ping_error',
      message:
        'The cache did not do what it was asked to. Look whether its store is there; the log says what it said.',
    })
  }
}
