import type { EnvironmentSettings } from '../environment.ts'
import type { AccountingSettings } from '../gateway-config.ts'
import type { ConfigFile } from '../schema.ts'
import { Secret } from '../secrets/secret.ts'

const HOLD_LEASE_MS = 60_000

/** How money, tokens and requests are counted, and where several instances meet. */
export function buildAccounting(config: ConfigFile, environment: EnvironmentSettings): AccountingSettings {
  const general = config.general_settings ?? {}
  const { timezone } = config.litellm_settings ?? {}
  return {
    timezone: timezone ?? 'UTC',
    budgetEnforcement: general.budget_enforcement === 'postpaid' ? 'postpaid' : 'reserve',
    countedTokens: countedTokens(general.token_rate_limit_type),
    keepsContent: general.store_prompts_in_spend_logs === true,
    counters: counters(general.counters),
    redisUrl: redisUrl(config) ?? environment.redisUrl,
    redisTimeoutMs: environment.redisTimeoutMs,
    holdLeaseMs: environment.holdLeaseMs ?? HOLD_LEASE_MS,
    logRetention: general.maximum_spend_logs_retention_period ?? undefined,
    logRetentionInterval: general.maximum_spend_logs_retention_interval ?? undefined,
  }
}

function countedTokens(type: string | null | undefined): AccountingSettings['countedTokens'] {
  return type === 'input' || type === 'output' ? type : 'total'
}

function counters(kind: string | null | undefined): AccountingSettings['counters'] {
  return kind === 'memory' || kind === 'postgres' || kind === 'redis' ? kind : undefined
}

/** LiteLLM's parts of an address, or the whole of it. */
function redisUrl({ router_settings: router }: ConfigFile): Secret | undefined {
  if (router?.redis_url) return new Secret(router.redis_url)
  if (!router?.redis_host) return undefined
  const url = new URL(`redis://${router.redis_host}:${router.redis_port ?? 6379}/${router.redis_db ?? 0}`)
  url.password = router.redis_password ?? ''
  return new Secret(url.href)
}
