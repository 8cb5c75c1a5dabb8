import type { Deployment } from '../deployments/deployments.ts'
import type { LlmCall } from './call.ts'
import type { Lifetime } from './lifetime.ts'

/** How long one deployment is waited for; 0 where the request's own lifetime ends no later. */
export interface Waits {
  firstByteMs: number
  idleMs: number
}

/** A provider that stops in the middle of a stream is given up after this; its pings count as life. */
const IDLE_MS = 60_000

/** The waits of one attempt. */
export function waitsFor(deployment: Deployment, stream: boolean, lifetime: Lifetime): Waits {
  const limitMs = stream ? deployment.streamTimeoutMs : deployment.timeoutMs
  const leftMs = lifetime.leftMs()
  if (!stream) {
    const waitMs = limitMs < leftMs ? limitMs : 0
    return { firstByteMs: waitMs, idleMs: waitMs }
  }
  const beginMs = Math.min(deployment.firstTokenMs ?? limitMs, limitMs)
  const idleMs = deployment.streamIdleMs ?? Math.min(IDLE_MS, limitMs)
  return { firstByteMs: beginMs < leftMs ? beginMs : 0, idleMs: Math.min(idleMs, leftMs) }
}

/**
 * How long a request may take until its answer begins: as the client says, else the longest wait that its
 * deployments allow, once for each that can be asked and for each model that stands in for them, so that a hanging
 * one leaves time for the others.
 */
export function lifetimeMs(
  call: LlmCall,
  candidates: readonly Deployment[],
  retries: number,
  fallbacks: number,
): number {
  if (call.options.timeoutMs !== undefined) return call.options.timeoutMs
  let longest = 0
  for (const { timeoutMs, streamTimeoutMs } of candidates)
    longest = Math.max(longest, call.stream ? streamTimeoutMs : timeoutMs)
  return longest * (Math.min(candidates.length, 1 + retries) + fallbacks)
}
