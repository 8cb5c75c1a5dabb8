import { request as requestHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { checkUrl, EgressError, guardedLookup } from './egress.ts'
import type { EgressRules } from './egress.ts'
import { tool } from './tool.ts'
import type { Tool } from './tool.ts'

export interface HttpFetchOptions extends EgressRules {
  /** Most bytes of a body that are read; the rest is left. Default: 200,000. */
  readonly maxBytes?: number | undefined
  /** Longest time of a whole fetch, redirects included. Default: 15,000. */
  readonly timeoutMs?: number | undefined
  /** Redirects that are followed, each checked like the first address. Default: 5. */
  readonly maxRedirects?: number | undefined
  /** Sent with each request to a host that the call named; not with redirects to another one. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** How names become addresses; for tests. */
  readonly lookup?: Parameters<typeof guardedLookup>[1]
}

/** What was fetched. */
export interface Fetched {
  readonly url: string
  readonly status: number
  readonly contentType: string
  readonly body: string
  /** Whether the body was longer than what was read. */
  readonly isCut: boolean
}

interface Fetching {
  readonly options: HttpFetchOptions
  readonly lookup: LookupFunction
  readonly signal: AbortSignal
}

function ask(
  url: URL,
  headers: Readonly<Record<string, string>>,
  { lookup, signal }: Fetching,
): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      { headers: { 'accept-encoding': 'gzip, deflate, br', ...headers }, lookup, signal, agent: false },
      resolve,
    )
    asked.on('error', reject)
    asked.end()
  })
}

function decoded(response: IncomingMessage): Readable {
  switch (response.headers['content-encoding']) {
    case 'gzip':
      return response.pipe(createGunzip())
    case 'deflate':
      return response.pipe(createInflate())
    case 'br':
      return response.pipe(createBrotliDecompress())
    default:
      return response
  }
}

async function readBody(
  response: IncomingMessage,
  maxBytes: number,
): Promise<{ body: string; isCut: boolean }> {
  const chunks: Uint8Array[] = []
  let size = 0
  const stream = decoded(response)
  response.on('error', (error) => stream.destroy(error))
  for await (const chunk of stream) {
    chunks.push(chunk as Uint8Array)
    size += (chunk as Uint8Array).length
    if (size > maxBytes) break
  }
  response.destroy()
  const bytes = Buffer.concat(chunks).subarray(0, maxBytes)
  return { body: new TextDecoder().decode(bytes), isCut: size > maxBytes }
}

/**
 * Fetches an address by GET, unless it leads into a private network.
 *
 * @throws {EgressError} when the address, or one that it leads to, may not be asked
 */
export async function guardedFetch(
  address: string,
  options: HttpFetchOptions = {},
  signal?: AbortSignal,
): Promise<Fetched> {
  const { timeoutMs = 15_000, maxRedirects = 5, maxBytes = 200_000, headers = {} } = options
  const limit = AbortSignal.timeout(timeoutMs)
  const fetching: Fetching = {
    options,
    lookup: guardedLookup(options, options.lookup),
    signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
  }
  if (!URL.canParse(address)) throw new EgressError(`"${address}" is no address. Write it whole: https://…`)
  const first = new URL(address)
  let url = first
  for (let redirects = 0; ; redirects += 1) {
    checkUrl(url, options)
    const response = await ask(url, url.host === first.host ? headers : {}, fetching)
    const { statusCode: status = 0 } = response
    const { location } = response.headers
    if (status < 300 || status > 399 || location === undefined) {
      const { body, isCut } = await readBody(response, maxBytes)
      return { url: url.href, status, contentType: response.headers['content-type'] ?? '', body, isCut }
    }
    response.destroy()
    if (redirects >= maxRedirects)
      throw new EgressError(`${first.href} redirects more than ${maxRedirects} times.`)
    url = new URL(location, url)
  }
}

/**
 * A tool that fetches pages. It never reaches this machine or its neighbours, and marks what it brings as untrusted.
 *
 * @example httpFetch({ allowHosts: ['*.wikipedia.org'] })
 */
export function httpFetch(options: HttpFetchOptions = {}): Tool<{ url: string }> {
  return tool(
    async ({ url }: { url: string }, { signal }) => {
      const { status, contentType, body, isCut } = await guardedFetch(url, options, signal)
      return `HTTP ${status} ${contentType}\n\n${body}${isCut ? '\n[Cut: the body is longer.]' : ''}`
    },
    {
      name: 'http_fetch',
      description: 'Fetches a public web address and gives its status and text.',
      schema: {
        type: 'object',
        properties: { url: { type: 'string', description: 'The whole address, with https://' } },
        required: ['url'],
        additionalProperties: false,
      },
      trust: 'untrusted',
    },
  )
}
