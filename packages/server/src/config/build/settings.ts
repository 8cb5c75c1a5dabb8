import { aliasTargets } from '../checks/meaning.ts'
import type { EnvironmentSettings } from '../environment.ts'
import type { GatewaySettings, ModelAlias } from '../gateway-config.ts'
import type { ConfigFile } from '../schema.ts'
import { Secret } from '../secrets/secret.ts'

/** LiteLLM's own number of retries. */
const defaultNumRetries = 2
/** Ten minutes, as OpenAI's clients wait. */
const defaultRequestTimeoutMs = 600_000
const bytesPerMegabyte = 1024 * 1024
const defaultMaxRequestBytes = 10 * bytesPerMegabyte
/** OpenAI takes recordings of 25 MB; what is around them is little. */
const defaultMaxUploadBytes = 26 * bytesPerMegabyte

/** What the file says, else the environment, else the default. `router_settings` wins over `litellm_settings`. */
export function buildSettings(config: ConfigFile, environment: EnvironmentSettings): GatewaySettings {
  const litellm = config.litellm_settings ?? {}
  const router = config.router_settings ?? {}
  const general = config.general_settings ?? {}
  const timeoutSeconds = router.timeout ?? litellm.request_timeout
  const maxMegabytes = general.max_request_size_mb
  const maxBytes = maxMegabytes == null ? undefined : Math.floor(maxMegabytes * bytesPerMegabyte)
  return {
    dropParams: litellm.drop_params ?? environment.dropParams ?? false,
    numRetries: router.num_retries ?? router.max_retries ?? litellm.num_retries ?? defaultNumRetries,
    requestTimeoutMs: timeoutSeconds == null ? defaultRequestTimeoutMs : Math.ceil(timeoutSeconds * 1000),
    streamTimeoutMs: router.stream_timeout == null ? undefined : Math.ceil(router.stream_timeout * 1000),
    firstTokenMs: milliseconds(router.ttft_timeout),
    streamIdleMs: milliseconds(router.stream_idle_timeout),
    masterKey: general.master_key ? new Secret(general.master_key) : environment.masterKey,
    maxRequestBytes: maxBytes ?? defaultMaxRequestBytes,
    maxUploadBytes: maxBytes ?? defaultMaxUploadBytes,
    keyHeaderName: general.litellm_key_header_name?.toLowerCase() || undefined,
    databaseUrl: general.database_url ? new Secret(general.database_url) : environment.databaseUrl,
    databaseConnections: general.database_connection_pool_limit ?? undefined,
    databaseConnectTimeoutMs: milliseconds(
      general.database_connect_timeout || general.database_connection_timeout,
    ),
    databaseStatementTimeoutMs: milliseconds(general.database_socket_timeout),
    saltKey: environment.saltKey,
    corsOrigins: general.cors_allowed_origins ?? environment.corsOrigins,
    allowPrivate: config.network?.allow_private?.map((place) => place.toLowerCase()),
  }
}

/** 0 counts as not set. */
function milliseconds(seconds: number | null | undefined): number | undefined {
  return seconds ? Math.ceil(seconds * 1000) : undefined
}

export function buildAliases(config: ConfigFile): Record<string, ModelAlias> {
  const aliases = Object.entries(config.router_settings?.model_group_alias ?? {})
  return Object.fromEntries(
    aliases.map(([alias, target]) => {
      const hidden = typeof target === 'object' && !Array.isArray(target) && target.hidden === true
      return [alias, { groups: aliasTargets(target), hidden }]
    }),
  )
}
