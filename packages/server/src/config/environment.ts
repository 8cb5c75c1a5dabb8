import type { Variables } from './document/references.ts'
import { Secret } from './secrets/secret.ts'

/** What the environment says about the server. Flags on the command line win over it. */
export interface EnvironmentSettings {
  /** `SWITCHYARD_CONFIG` or `CONFIG_FILE_PATH`. */
  readonly configPath?: string | undefined
  /** `SWITCHYARD_DATA`: the directory for everything the server keeps. */
  readonly dataDirectory?: string | undefined
  /** `SWITCHYARD_MASTER_KEY` or `LITELLM_MASTER_KEY`. */
  readonly masterKey?: Secret | undefined
  /** `SWITCHYARD_HOST` or `HOST`. */
  readonly host?: string | undefined
  /** `SWITCHYARD_PORT` or `PORT`. */
  readonly port?: number | undefined
  /** `LOG_LEVEL` or `LITELLM_LOG`, in lower case. */
  readonly logLevel?: LogLevel | undefined
  /** `LITELLM_DROP_PARAMS`. */
  readonly dropParams?: boolean | undefined
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

export interface EnvironmentReading {
  readonly settings: EnvironmentSettings
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

/** Reads the environment once, at the start. Tests pass their own variables. */
export function readEnvironment(variables: Variables = process.env): EnvironmentReading {
  const problems: string[] = []
  const first = (...names: string[]): { name: string; value: string } | undefined => {
    const name = names.find((candidate) => (variables[candidate] ?? '').trim() !== '')
    return name === undefined ? undefined : { name, value: (variables[name] ?? '').trim() }
  }
  const masterKey = first('SWITCHYARD_MASTER_KEY', 'LITELLM_MASTER_KEY')?.value
  return {
    settings: {
      configPath: first('SWITCHYARD_CONFIG', 'CONFIG_FILE_PATH')?.value,
      dataDirectory: first('SWITCHYARD_DATA')?.value,
      masterKey: masterKey === undefined ? undefined : new Secret(masterKey),
      host: first('SWITCHYARD_HOST', 'HOST')?.value,
      port: readPort(first('SWITCHYARD_PORT', 'PORT'), problems),
      logLevel: readLogLevel(first('LOG_LEVEL', 'LITELLM_LOG'), problems),
      dropParams: readFlag(first('LITELLM_DROP_PARAMS'), problems),
    },
    variables,
    problems,
  }
}

type Found = { name: string; value: string } | undefined

function readPort(found: Found, problems: string[]): number | undefined {
  if (found === undefined) return undefined
  const port = Number(found.value)
  if (/^\d+$/.test(found.value) && port <= 65_535) return port
  problems.push(`${found.name}: expected a port from 0 to 65535`)
  return undefined
}

function readLogLevel(found: Found, problems: string[]): LogLevel | undefined {
  if (found === undefined) return undefined
  const level = logLevels[found.value.toLowerCase()]
  if (level === undefined)
    problems.push(`${found.name}: expected one of ${Object.keys(logLevels).join(', ')}`)
  return level
}

function readFlag(found: Found, problems: string[]): boolean | undefined {
  if (found === undefined) return undefined
  if (/^(true|yes|on|1)$/i.test(found.value)) return true
  if (/^(false|no|off|0)$/i.test(found.value)) return false
  problems.push(`${found.name}: expected true or false`)
  return undefined
}
