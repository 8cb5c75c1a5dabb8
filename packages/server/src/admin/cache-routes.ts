import { createError } from '@switchyard/llm/kit'
import { z } from 'zod'
import { defineRoute } from '../rest/route.ts'
import type { RestRoute } from '../rest/route.ts'

/** Answers are not cached here yet, which these say as LiteLLM says it without a cache. */
export function createCacheRoutes(): readonly RestRoute[] {
  const none = (): never => {
    throw createError({
      code: 'service_unavailable',
      type: 'cache_ping_error',
      retryable: false,
      message: 'Cache not initialized. litellm.cache is None: this gateway keeps no answers.',
    })
  }
  const answer = { description: 'Not while there is no cache', schema: z.looseObject({}) }
  return [
    defineRoute({
      method: 'GET',
      paths: ['/cache/ping'],
      tag: 'Gateway',
      summary: 'Whether the cache can be reached',
      access: 'cache:read',
      answer,
      handle: none,
    }),
    defineRoute({
      method: 'POST',
      paths: ['/cache/delete'],
      tag: 'Gateway',
      summary: 'Takes answers out of the cache',
      access: 'cache:write',
      body: z.object({ keys: z.array(z.string()).nullish() }).optional(),
      example: { keys: ['key'] },
      answer,
      handle: none,
    }),
    defineRoute({
      method: 'POST',
      paths: ['/cache/flushall'],
      tag: 'Gateway',
      summary: 'Empties the cache',
      access: 'cache:write',
      answer,
      handle: none,
    }),
  ]
}
