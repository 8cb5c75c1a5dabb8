export { loadDefaultConfig } from './defaults.ts'
export { effectiveConfig } from './effective.ts'
export type { EffectiveValue } from './effective.ts'
export { readEnvironment } from './environment.ts'
export type { EnvironmentReading, EnvironmentSettings, EnvironmentSources, LogLevel } from './environment.ts'
export type { Finding, FindingLevel, SourceLocation } from './findings.ts'
export type {
  DeploymentConfig,
  DeploymentTarget,
  DeploymentTimeouts,
  GatewayConfig,
  GatewaySettings,
  ModelAlias,
} from './gateway-config.ts'
export type { ModelCheck } from './checks/meaning.ts'
export { configJsonSchema } from './json-schema.ts'
export { loadConfig } from './load.ts'
export type { LoadFailure, LoadInput, LoadResult, LoadSuccess } from './load.ts'
export { exitCodeFor, renderFinding, renderFindings } from './render-findings.ts'
export { Secret } from './secrets/secret.ts'
