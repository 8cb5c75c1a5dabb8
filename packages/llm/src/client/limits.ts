import type { Limiter, LimitOptions } from '../limit/limiter.ts'
import { createLimiter } from '../limit/limiter.ts'
import type { ClientCore } from './core.ts'
import { configured } from './settings.ts'

/** Limits are shared by all who were given the same object, so that they hold for all of them together. */
const limiters = new WeakMap<LimitOptions, Limiter>()

/** The limits that hold for a client's calls: its own, else those of the process. */
export function limiterOf({ settings, world, isShadow }: ClientCore): Limiter | undefined {
  if (isShadow === true) return undefined
  const options = settings.limit ?? configured().limit
  if (options === undefined) return undefined
  let limiter = limiters.get(options)
  if (limiter === undefined) limiters.set(options, (limiter = createLimiter(options, world)))
  return limiter
}
