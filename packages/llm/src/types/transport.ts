/** How long each part of an exchange may take. `Infinity` means without limit. */
export interface Timeouts {
  /** Until the connection is there: name lookup, TCP and TLS. */
  connectMs: number
  /** From the connection being there to the head of the response. */
  firstByteMs: number
  /** Between two pieces of the body. Time in which the consumer asks for nothing does not count. */
  idleMs: number
  /** From the call to the end of the body. */
  totalMs: number
}

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'
  url: string
  headers: Readonly<Record<string, string>>
  body?: string | Uint8Array | undefined
  timeouts: Timeouts
  signal?: AbortSignal | undefined
}

export interface HttpResponse {
  status: number
  /** Names in lower case; values of a header that came more than once are joined by a comma and a space. */
  headers: Record<string, string>
  /**
   * The body, decompressed; it can be read once. It throws when it was cut, so its end is always the true end.
   * Leaving it early (`break`, `return()`) closes the connection to the upstream.
   */
  body: AsyncIterable<Uint8Array>
}

/** Sends one request. Redirects are not followed and statuses are not judged; failures are `TransportError`s. */
export type Transport = (request: HttpRequest) => Promise<HttpResponse>
