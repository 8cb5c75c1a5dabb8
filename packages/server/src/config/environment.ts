import type { Variables } from './document/references.ts'
import { ORIGIN } from './schema/values.ts'
import { Secret } from './secrets/secret.ts'

/** What the environment says about the server. Flags on the command line win over it. */
export interface EnvironmentSettings {
  /** `SWITCHYARD_CONFIG` or `CONFIG_FILE_PATH`. */
  readonly configPath?: string | undefined
  /** `SWITCHYARD_DATA`: the directory for everything the server keeps. */
  readonly dataDirectory?: string | undefined
  /** `SWITCHYARD_MASTER_KEY` or `LITELLM_MASTER_KEY`. */
  readonly masterKey?: Secret | undefined
  /** `SWITCHYARD_HOST`. Not `HOST`, which some shells set to something else. */
  readonly host?: string | undefined
  /** `SWITCHYARD_PORT` or `PORT`. */
  readonly port?: number | undefined
  /** `LOG_LEVEL` or `LITELLM_LOG`, in lower case. */
  readonly logLevel?: LogLevel | undefined
  /** `LITELLM_DROP_PARAMS`. */
  readonly dropParams?: boolean | undefined
  /** PostgreSQL: `DATABASE_URL`, or `DATABASE_HOST` with `_USERNAME`, `_PASSWORD`, `_NAME` and `_SCHEMA`. */
  readonly databaseUrl?: Secret | undefined
  /** `REDIS_URL`, or `REDIS_HOST` with `_PORT` and `_PASSWORD`. */
  readonly redisUrl?: Secret | undefined
  /** `REDIS_SOCKET_TIMEOUT`, which is in seconds: how long an answer of Redis is waited for. */
  readonly redisTimeoutMs?: number | undefined
  /** `SWITCHYARD_SALT_KEY` or `LITELLM_SALT_KEY`. */
  readonly saltKey?: Secret | undefined
  /** `SWITCHYARD_HOLD_LEASE_MS`: what a process holds for its requests outlives it by so much. */
  readonly holdLeaseMs?: number | undefined
  /** `SWITCHYARD_CORS_ORIGINS`, by commas. */
  readonly corsOrigins?: readonly string[] | undefined
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

/** The variable that each setting came from. */
export type EnvironmentSources = Readonly<Partial<Record<keyof EnvironmentSettings, string>>>

export interface EnvironmentReading {
  readonly settings: EnvironmentSettings
  readonly sources: EnvironmentSources
  /** All variables: for references in the configuration and for the providers' keys. */
  readonly variables: Variables
  /** One line for each variable that cannot be understood; it counts as not set. */
  readonly problems: readonly string[]
}

const logLevels: Readonly<Record<string, LogLevel>> = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  fatal: 'fatal',
  critical: 'fatal',
  silent: 'silent',
  off: 'silent',
}

/** The variables of each setting, first one set wins. */
const names: Readonly<Record<keyof EnvironmentSettings, readonly string[]>> = {
  configPath: ['SWITCHYARD_CONFIG', 'CONFIG_FILE_PATH'],
  dataDirectory: ['SWITCHYARD_DATA'],
  masterKey: ['SWITCHYARD_MASTER_KEY', 'LITELLM_MASTER_KEY'],
  host: ['SWITCHYARD_HOST'],
  port: ['SWITCHYARD_PORT', 'PORT'],
  logLevel: ['LOG_LEVEL', 'LITELLM_LOG'],
  dropParams: ['LITELLM_DROP_PARAMS'],
  databaseUrl: ['DATABASE_URL', 'DATABASE_HOST'],
  redisUrl: ['REDIS_URL', 'REDIS_HOST'],
  redisTimeoutMs: ['REDIS_SOCKET_TIMEOUT'],
  saltKey: ['SWITCHYARD_SALT_KEY', 'LITELLM_SALT_KEY'],
  holdLeaseMs: ['SWITCHYARD_HOLD_LEASE_MS'],
  corsOrigins: ['SWITCHYARD_CORS_ORIGINS'],
}

/** Reads the environment once, at the start. Tests pass their own variables. */
export function readEnvironment(variables: Variables = process.env): EnvironmentReading {
  const problems: string[] = []
  const sources: Partial<Record<keyof EnvironmentSettings, string>> = {}
  const read = <T>(
    setting: keyof EnvironmentSettings,
    parse: (value: string, name: string) => T | Problem,
  ): T | undefined => {
    const name = names[setting].find((candidate) => (variables[candidate] ?? '').trim() !== '')
    if (name === undefined) return undefined
    const parsed = parse((variables[name] ?? '').trim(), name)
    if (parsed instanceof Problem) {
      problems.push(`${name}: ${parsed.message}`)
      return undefined
    }
    sources[setting] = name
    return parsed
  }
  const settings: EnvironmentSettings = {
    configPath: read('configPath', String),
    dataDirectory: read('dataDirectory', String),
    masterKey: read('masterKey', (value) => new Secret(value)),
    host: read('host', String),
    port: read('port', parsePort),
    logLevel: read('logLevel', parseLogLevel),
    dropParams: read('dropParams', parseFlag),
    databaseUrl: read('databaseUrl', (value, name) =>
      name === 'DATABASE_HOST' ? databaseAt(value, variables) : parseDatabaseUrl(value),
    ),
    redisUrl: read('redisUrl', (value, name) =>
      name === 'REDIS_HOST' ? redisAt(value, variables) : new Secret(value),
    ),
    redisTimeoutMs: read('redisTimeoutMs', parseSeconds),
    saltKey: read('saltKey', (value) => new Secret(value)),
    holdLeaseMs: read('holdLeaseMs', parseLease),
    corsOrigins: read('corsOrigins', parseOrigins),
  }
  return { settings, sources, variables, problems }
}

class Problem {
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

function parsePort(value: string): number | Problem {
  const port = Number(value)
  return /^\d+$/.test(value) && port <= 65_535 ? port : new Problem('expected a port from 0 to 65535')
}

function parseDatabaseUrl(value: string): Secret | Problem {
  return /^postgres(ql)?:\/\//.test(value)
    ? new Secret(value)
    : new Problem('expected postgresql://user:password@host:5432/database')
}

/** The parts that LiteLLM's charts set instead of a URL. */
function databaseAt(host: string, variables: Variables): Secret | Problem {
  const {
    DATABASE_USERNAME: user,
    DATABASE_PASSWORD: password,
    DATABASE_NAME: name,
    DATABASE_SCHEMA,
  } = variables
  if (!user || !name) return new Problem('needs DATABASE_USERNAME and DATABASE_NAME beside it')
  const url = URL.parse(`postgresql://${host}/${encodeURIComponent(name)}`)
  if (url === null) return new Problem('expected the name of a host')
  url.username = user
  url.password = password ?? ''
  if (DATABASE_SCHEMA) url.searchParams.set('schema', DATABASE_SCHEMA)
  return new Secret(url.href)
}

function redisAt(host: string, { REDIS_PORT: port, REDIS_PASSWORD: password }: Variables): Secret | Problem {
  const url = URL.parse(`redis://${host}:${port || 6379}`)
  if (url === null) return new Problem('expected the name of a host')
  url.password = password ?? ''
  return new Secret(url.href)
}

function parseLogLevel(value: string): LogLevel | Problem {
  return logLevels[value.toLowerCase()] ?? new Problem(`expected one of ${Object.keys(logLevels).join(', ')}`)
}

function parseFlag(value: string): boolean | Problem {
  if (/^(true|yes|on|1)$/i.test(value)) return true
  if (/^(false|no|off|0)$/i.test(value)) return false
  return new Problem('expected true or false')
}

function parseSeconds(value: string): number | Problem {
  const ms = Math.round(Number(value) * 1_000)
  return ms > 0 && ms <= LONGEST_TIMEOUT_MS ? ms : new Problem('expected seconds, such as 0.05')
}

const LONGEST_TIMEOUT_MS = 60_000

/** Renewed every third of it, so it has to be longer than a store takes to answer. */
const SHORTEST_LEASE_MS = 500

function parseLease(value: string): number | Problem {
  const isLease = /^\d{1,8}$/.test(value) && Number(value) >= SHORTEST_LEASE_MS
  return isLease ? Number(value) : new Problem(`expected milliseconds, ${SHORTEST_LEASE_MS} at least`)
}

function parseOrigins(value: string): readonly string[] | Problem {
  const origins = value.split(/[\s,]+/)
  return origins.every((origin) => ORIGIN.test(origin))
    ? origins
    : new Problem('expected origins separated by commas, for example https://app.example.com')
}
