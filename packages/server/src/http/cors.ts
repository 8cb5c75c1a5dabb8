export interface CorsSettings {
  /** Origins whose pages may call us: `https://app.example`, or `*` for all. */
  origins: readonly string[]
  /** How long a browser may remember the answer. Default 600,000. */
  maxAgeMs?: number | undefined
}

export interface Cors {
  /** What every answer to this origin carries; empty for an origin that may not. */
  headers: (origin: string | undefined) => Readonly<Record<string, string>>
  /** The answer (204) to an OPTIONS request that asks before calling; undefined when it is none of those. */
  preflight: (request: PreflightRequest) => Readonly<Record<string, string>> | undefined
}

export interface PreflightRequest {
  origin: string | undefined
  /** Its `access-control-request-method`. */
  method: string | undefined
  /** Its `access-control-request-headers`. */
  headers: string | undefined
  /** What the path can be asked with. */
  allowed: readonly string[]
}

const MAX_AGE_MS = 600_000
const NONE: Readonly<Record<string, string>> = {}
const HEADER_NAMES = /^[\w\-, ]{1,2000}$/

/** Callers show a key, never a cookie: credentials are not allowed, so `*` gives nothing away. */
export function createCors(settings: CorsSettings): Cors {
  const origins = new Set(settings.origins)
  const maxAge = String(Math.floor((settings.maxAgeMs ?? MAX_AGE_MS) / 1000))

  const headers = (origin: string | undefined): Readonly<Record<string, string>> => {
    if (origin === undefined) return NONE
    if (origins.has('*')) return { 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' }
    // Shared caches must not give one origin's answer to another.
    if (!origins.has(origin)) return { vary: 'origin' }
    return {
      'access-control-allow-origin': origin,
      'access-control-expose-headers': '*',
      vary: 'origin',
    }
  }

  return {
    headers,
    preflight: (request) => {
      if (request.origin === undefined || request.method === undefined) return undefined
      const common = headers(request.origin)
      if (common['access-control-allow-origin'] === undefined) return common
      const asked =
        request.headers !== undefined && HEADER_NAMES.test(request.headers) ? request.headers : undefined
      return {
        ...common,
        'access-control-allow-methods': request.allowed.join(', '),
        ...(asked === undefined ? {} : { 'access-control-allow-headers': asked }),
        'access-control-max-age': maxAge,
      }
    },
  }
}
