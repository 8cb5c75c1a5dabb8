import { appendStep } from './document/path.ts'
import { isPlainObject } from './document/tree.ts'
import type { Plain } from './document/tree.ts'
import type { GatewaySettings } from './gateway-config.ts'
import type { LoadSuccess } from './load.ts'
import { redactTree } from './secrets/redact.ts'

/** One value of the configuration as it may be shown. */
export interface EffectiveValue {
  path: string
  /** References as they are written, secrets as `[redacted]`. */
  value: unknown
  /** `config.yaml:12`, with the variable's name where there is a reference; `environment NAME`; or `default`. */
  source: string
}

/**
 * What is in force and where each value is written: first the file's values in reading order, then what results for
 * all requests (`settings.…`), defaults included.
 */
export function effectiveConfig(result: LoadSuccess): EffectiveValue[] {
  const written = redactTree(result.origin.written())
  const fromFile = leaves(written, '').map(([path, value]): EffectiveValue => {
    const location = result.origin.location(path)
    const variable = result.origin.variable(path)
    const place = location === undefined ? '' : `${location.file}:${location.line}`
    return { path, value, source: variable === undefined ? place : `${place} (${variable})` }
  })
  const settings = Object.entries(result.config.settings).filter(([, value]) => value !== undefined)
  const inForce = settings.map(([name, value]): EffectiveValue => {
    const shown = typeof value === 'object' ? String(value) : value
    return { path: `settings.${name}`, value: shown, source: settingSource(result, name) }
  })
  return [...fromFile, ...inForce]
}

/** Where each setting may be written; the first place wins. */
const settingPlaces: Record<keyof GatewaySettings, readonly string[]> = {
  dropParams: ['litellm_settings.drop_params'],
  numRetries: ['router_settings.num_retries', 'router_settings.max_retries', 'litellm_settings.num_retries'],
  requestTimeoutMs: ['router_settings.timeout', 'litellm_settings.request_timeout'],
  streamTimeoutMs: ['router_settings.stream_timeout'],
  firstTokenMs: ['router_settings.ttft_timeout'],
  streamIdleMs: ['router_settings.stream_idle_timeout'],
  masterKey: ['general_settings.master_key'],
  maxRequestBytes: ['general_settings.max_request_size_mb'],
  maxUploadBytes: ['general_settings.max_request_size_mb'],
  keyHeaderName: ['general_settings.litellm_key_header_name'],
  databaseUrl: ['general_settings.database_url'],
  databaseConnections: ['general_settings.database_connection_pool_limit'],
  databaseConnectTimeoutMs: [
    'general_settings.database_connect_timeout',
    'general_settings.database_connection_timeout',
  ],
  databaseStatementTimeoutMs: ['general_settings.database_socket_timeout'],
  saltKey: [],
  corsOrigins: ['general_settings.cors_allowed_origins'],
  allowPrivate: ['network.allow_private'],
}

function settingSource(result: LoadSuccess, name: string): string {
  const places = isSetting(name) ? settingPlaces[name] : []
  const location = places.map((place) => result.origin.location(place)).find((found) => found !== undefined)
  if (location !== undefined) return `${location.file}:${location.line}`
  const variables: Readonly<Record<string, string>> = result.origin.environment
  return variables[name] === undefined ? 'default' : `environment ${variables[name]}`
}

function isSetting(name: string): name is keyof GatewaySettings {
  return Object.hasOwn(settingPlaces, name)
}

function leaves(value: unknown, path: string): [string, Plain][] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((item, index) => leaves(item, appendStep(path, index)))
  }
  if (isPlainObject(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, child]) => leaves(child, appendStep(path, key)))
  }
  return [[path, isPlain(value) ? value : null]]
}

function isPlain(value: unknown): value is Plain {
  return value === null || ['string', 'number', 'boolean', 'object'].includes(typeof value)
}
