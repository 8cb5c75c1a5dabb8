export { loadDefaultConfig } from './defaults.ts'
export { effectiveConfig } from './effective.ts'
export { readEnvironment } from './environment.ts'
export type { EnvironmentReading, LogLevel } from './environment.ts'
export type { Finding } from './findings.ts'
export type {
  AccessSettings,
  CacheSettings,
  DeploymentConfig,
  RoutingBudget,
  RoutingBudgetsConfig,
  RoutingConfig,
  GatewayConfig,
  GatewaySettings,
  HealthSettings,
  JwtRole,
  JwtSettings,
} from './gateway-config.ts'
export type { ModelCheck } from './checks/meaning.ts'
export type { CacheScope } from './schema/cache-params.ts'
export { configJsonSchema } from './json-schema.ts'
export { loadConfig } from './load.ts'
export type { LoadInput, LoadResult, LoadSuccess } from './load.ts'
export { exitCodeFor, renderFinding, renderFindings } from './render-findings.ts'
export { Secret } from './secrets/secret.ts'
