import { pino } from 'pino'
import type { DestinationStream, Logger } from 'pino'
import type { Writable } from 'node:stream'
import type { LogLevel } from '../../config/index.ts'

/** Names of fields that hold keys, wherever a log line carries headers or settings. */
const secretNames = [
  'authorization',
  'api_key',
  'apiKey',
  'cookie',
  'key',
  'master_key',
  'masterKey',
  'password',
  'token',
  '["api-key"]',
  '["x-api-key"]',
  '["x-goog-api-key"]',
  '["x-litellm-api-key"]',
  '["ocp-apim-subscription-key"]',
  '["proxy-authorization"]',
  '["set-cookie"]',
]

const redactedPaths = secretNames.flatMap((name) => {
  const below = name.startsWith('[') ? name : `.${name}`
  return [name, `headers${below}`, `request.headers${below}`, `response.headers${below}`]
})

/** JSON lines for machines, short lines for a terminal. Keys in known places are never written. */
export function createLogger(options: {
  level: LogLevel
  stdout: Writable & { isTTY?: boolean | undefined }
}): Logger {
  const { level, stdout } = options
  const destination = stdout.isTTY === true ? forTerminal(stdout) : forMachines(stdout)
  return pino({ level, base: null, redact: { paths: redactedPaths, censor: '[redacted]' } }, destination)
}

/** Lines are written by pino itself, in the background, and all of them before the process ends. */
function forMachines(stdout: Writable): DestinationStream {
  const descriptor = 'fd' in stdout && typeof stdout.fd === 'number' ? stdout.fd : undefined
  return descriptor === undefined ? stdout : pino.destination({ dest: descriptor, sync: false })
}

/** Turns pino's JSON lines into lines that people read: `12:00:01 warn  message name=value`. */
function forTerminal(stdout: Writable): DestinationStream {
  return { write: (line) => stdout.write(readable(line)) }
}

const levelNames: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}

function readable(line: string): string {
  const parsed: unknown = JSON.parse(line)
  if (typeof parsed !== 'object' || parsed === null) return line
  const { level, time, msg, ...rest } = parsed as Record<string, unknown>
  const clock = new Date(Number(time)).toTimeString().slice(0, 8)
  const name = (levelNames[Number(level)] ?? String(level)).padEnd(5)
  const fields = Object.entries(rest).map(([field, value]) => `${field}=${fieldText(value)}`)
  return `${[clock, name, ...(msg === undefined ? [] : [String(msg)]), ...fields].join(' ')}\n`
}

/** An error's stack goes on lines of its own. */
function fieldText(value: unknown): string {
  if (typeof value === 'string') return /^\S+$/.test(value) ? value : JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if ('stack' in value && typeof value.stack === 'string') return `\n${value.stack}`
  return JSON.stringify(value)
}
