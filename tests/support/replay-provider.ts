import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { loadFixtures, responseBytes } from './fixtures.ts'
import type { Fixture, FixtureSet } from './fixtures.ts'
import { frameResponse } from './framing.ts'
import { listen, parseJson, readBody } from './loopback.ts'

export interface ReplayOptions {
  /** The recordings to serve; default all that are on this machine. */
  fixtures?: Pick<FixtureSet, 'root' | 'fixtures'>
  /** Bytes per flushed piece of every body; default is the provider's own frames. */
  splitBytes?: number
}

/** A request as the provider saw it. */
export interface RecordedRequest {
  fixtureId: string
  method: string
  /** Path after the mount point, with its query: what the caller added to `api_base`. */
  path: string
  headers: IncomingHttpHeaders
  body: Buffer
  /** The body parsed, undefined when it is not JSON. */
  json: unknown
}

export interface ReplayProvider {
  url: string
  requests: RecordedRequest[]
  /** The `api_base` under which any path is answered with this fixture. */
  baseFor(fixtureId: string, options?: { splitBytes?: number }): string
  close(): Promise<void>
}

/**
 * Serves recorded answers over real HTTP in the provider's own framing. `<url>/f/<encoded fixture id>` is an
 * `api_base`: whatever follows is answered with that fixture's status, headers and body.
 * `<url>/split-<n>/f/…` cuts the body into n-byte pieces.
 */
export async function startReplayProvider(options: ReplayOptions = {}): Promise<ReplayProvider> {
  const { root, fixtures } = options.fixtures ?? loadFixtures()
  const byId = new Map(fixtures.map((fixture) => [fixture.id, fixture]))
  const requests: RecordedRequest[] = []

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    const mount = findMount(request.url ?? '/', byId)
    if (!mount) {
      response.writeHead(404, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { message: `no recording is mounted at ${request.url}` } }))
      return
    }
    const { fixture, path } = mount
    const { method = 'GET', headers } = request
    requests.push({ fixtureId: fixture.id, method, path, headers, body, json: parseJson(body) })
    const serverSentEvents = new URLSearchParams(path.split('?')[1]).get('alt') === 'sse'
    const { contentType, frames } = frameResponse(fixture, responseBytes(root, fixture), serverSentEvents)
    response.writeHead(fixture.status, { ...fixture.http.response_headers, 'content-type': contentType })
    const splitBytes = mount.splitBytes ?? options.splitBytes
    for (const frame of splitBytes === undefined ? frames : split(Buffer.concat(frames), splitBytes)) {
      response.write(frame)
    }
    response.end()
  }

  const server = await listen(createServer((request, response) => void answer(request, response)))
  return {
    url: server.url,
    requests,
    baseFor: (fixtureId, { splitBytes } = {}) =>
      `${server.url}${splitBytes === undefined ? '' : `/split-${splitBytes}`}/f/${encodeURIComponent(fixtureId)}`,
    close: server.close,
  }
}

interface Mount {
  fixture: Fixture
  path: string
  splitBytes: number | undefined
}

/** Some clients decode `%2F` when they join paths, so an id may arrive as one segment or as several. */
function findMount(url: string, byId: Map<string, Fixture>): Mount | undefined {
  const match = /^(?:\/split-(\d+))?\/f\/([^?]*)(\?.*)?$/.exec(url)
  if (!match) return undefined
  const [, pieceSize, mounted = '', query = ''] = match
  const segments = mounted.split('/')
  for (let taken = 1; taken <= segments.length; taken++) {
    const fixture = byId.get(segments.slice(0, taken).map(decodeURIComponent).join('/'))
    if (!fixture) continue
    const rest = segments.slice(taken)
    const path = (rest.length === 0 ? '' : `/${rest.join('/')}`) + query
    return { fixture, path, splitBytes: pieceSize === undefined ? undefined : Number(pieceSize) }
  }
  return undefined
}

/** Cuts a body into pieces of `size` bytes, the last one shorter. */
export function split(body: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < body.length; at += size) pieces.push(body.subarray(at, at + size))
  return pieces
}
