/**
 * - `connect_refused`, `connect_timeout`, `dns`, `tls`: no connection came about; nothing was sent.
 * - `forbidden_address`: the host's name leads to an address that whoever opens the connections does not allow.
 * - `reset`: the connection was lost before the head of the response.
 * - `first_byte_timeout`, `idle_timeout`, `total_timeout`: a limit of `Timeouts` was passed.
 * - `aborted`: by the caller's signal.
 * - `truncated`: the connection was lost inside the body.
 * - `invalid_response`: what came is not HTTP, or its head is too long.
 * - `encoding`: the body is not in the content encoding it names, or in one that nobody here reads.
 * - `invalid_request`: the URL or a header cannot be sent.
 */
export type TransportErrorKind =
  | 'connect_refused'
  | 'connect_timeout'
  | 'dns'
  | 'tls'
  | 'forbidden_address'
  | 'reset'
  | 'first_byte_timeout'
  | 'idle_timeout'
  | 'total_timeout'
  | 'aborted'
  | 'truncated'
  | 'invalid_response'
  | 'encoding'
  | 'invalid_request'

const happened: Readonly<Record<TransportErrorKind, string>> = {
  connect_refused: 'could not be connected to',
  connect_timeout: 'did not accept the connection in time',
  dns: 'could not be found by name',
  tls: 'could not be connected to securely',
  forbidden_address: 'has a name that leads into a private network, which is not allowed here',
  reset: 'closed the connection before it answered',
  first_byte_timeout: 'did not answer in time',
  idle_timeout: 'stopped sending in the middle of its answer',
  total_timeout: 'did not finish its answer in time',
  aborted: 'was being asked when the caller aborted',
  truncated: 'closed the connection in the middle of its answer',
  invalid_response: 'did not answer in HTTP',
  encoding: 'sent a body that cannot be decompressed',
  invalid_request: 'cannot be sent this request: its address or a header is invalid',
}

/** A request that got no whole answer. The message names the upstream's host and nothing else of the request. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly kind: TransportErrorKind
  /** What happened, without the upstream's address: for those who are not to know it. */
  readonly what: string

  constructor(kind: TransportErrorKind, url: string, cause?: unknown) {
    super(`${hostOf(url)} ${happened[kind]}`, cause === undefined ? undefined : { cause })
    this.kind = kind
    this.what = happened[kind]
  }
}

function hostOf(url: string): string {
  return URL.parse(url)?.host || 'the upstream'
}
