/** What the command line says about a start; what it leaves out comes from the environment. */
export interface StartFlags {
  config?: string
  port?: number
  host?: string
  data?: string
  model?: string
  alias?: string
  api_base?: string
  api_version?: string
  headers?: Record<string, string>
  temperature?: number
  max_tokens?: number
  request_timeout?: number
  drop_params?: true
  debug?: true
  detailed_debug?: true
  /** Seconds that running answers may still take when the process is asked to end. */
  drain: number
}

/** Flags that describe the one model of `--model`. */
export const modelFlags: readonly (keyof StartFlags)[] = [
  'alias',
  'api_base',
  'api_version',
  'headers',
  'temperature',
  'max_tokens',
  'request_timeout',
  'drop_params',
]
