import type { HealthSettings } from '../gateway-config.ts'
import type { ConfigFile } from '../schema.ts'

/** LiteLLM's own interval. */
const defaultHealthIntervalMs = 300_000
const defaultHealthConcurrency = 8

/** What general settings say about looking, and settings of the router about what follows from it. */
export function buildHealth({
  general_settings: general,
  router_settings: router,
}: ConfigFile): HealthSettings {
  return {
    background: general?.background_health_checks ?? false,
    intervalMs: milliseconds(general?.health_check_interval) ?? defaultHealthIntervalMs,
    concurrency: general?.health_check_concurrency || defaultHealthConcurrency,
    // With a policy for failures that alone says who is left out, as in LiteLLM.
    routes: router?.enable_health_check_routing === true && router['allowed_fails_policy'] == null,
    staleMs: milliseconds(router?.health_check_staleness_threshold),
    ignoresTransient: router?.health_check_ignore_transient_errors ?? false,
  }
}

/** 0 counts as not set. */
function milliseconds(seconds: number | null | undefined): number | undefined {
  return seconds ? Math.ceil(seconds * 1000) : undefined
}
