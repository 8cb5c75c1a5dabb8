import { TransportError } from './transport-error.ts'
import type { TransportErrorKind } from './transport-error.ts'

const kindByCode: Readonly<Record<string, TransportErrorKind>> = {
  ECONNREFUSED: 'connect_refused',
  EHOSTUNREACH: 'connect_refused',
  ENETUNREACH: 'connect_refused',
  EADDRNOTAVAIL: 'connect_refused',
  EACCES: 'connect_refused',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  ENOTFOUND: 'dns',
  ENODATA: 'dns',
  EPROTO: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  HOSTNAME_MISMATCH: 'tls',
  INVALID_CA: 'tls',
  UND_ERR_HEADERS_OVERFLOW: 'invalid_response',
  UND_ERR_INVALID_ARG: 'invalid_request',
  ERR_INVALID_URL: 'invalid_request',
  // Node's `fetch` gives some of its parser's errors no code.
  HTTPParserError: 'invalid_response',
}

const kindByCodePattern: readonly (readonly [RegExp, TransportErrorKind])[] = [
  [/^EAI_/, 'dns'],
  [/^ERR_(TLS|SSL)_|CERT|^UNABLE_TO_/, 'tls'],
  [/^(Z_|ZSTD_|ERR_(BROTLI|ZSTD|ZLIB)|ERR__)/, 'encoding'],
  [/^HPE_(?!INVALID_EOF_STATE)/, 'invalid_response'],
]

/**
 * Names what a socket, parser or decompressor complained about, by the codes in the error and its causes.
 * What a connector has named already stays as it is. A connection that was lost is `reset` before the head of the response and `truncated` after it.
 */
export function connectionFault(error: unknown, url: string, isInBody: boolean): TransportError {
  if (error instanceof TransportError) return error
  const codes = codesOf(error)
  if (!isInBody && codes.includes('ETIMEDOUT')) return new TransportError('connect_timeout', url, error)
  const kind = codes.map(kindOf).find((found) => found !== undefined) ?? (isInBody ? 'truncated' : 'reset')
  // The platform's own complaint about a request repeats its URL, query string included.
  return new TransportError(kind, url, kind === 'invalid_request' ? undefined : error)
}

function kindOf(code: string): TransportErrorKind | undefined {
  return kindByCode[code] ?? kindByCodePattern.find(([pattern]) => pattern.test(code))?.[1]
}

const deepestCause = 5

function codesOf(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error) || depth > deepestCause) return []
  const own = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  const inner = error instanceof AggregateError ? error.errors : [error.cause]
  return [own, ...inner.flatMap((cause) => codesOf(cause, depth + 1))]
}
