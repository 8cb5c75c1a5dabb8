import type { Timeouts } from '../types/transport.ts'

/** Long enough for a reasoning model's silent first minutes; the total is LiteLLM's default. */
export const defaultTimeouts: Timeouts = {
  connectMs: 10_000,
  firstByteMs: 600_000,
  idleMs: 60_000,
  totalMs: 6_000_000,
}
