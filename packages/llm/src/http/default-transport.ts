import type { Transport } from '../types/transport.ts'
import { createFetchTransport } from './fetch-transport.ts'

/** The transport that suits the runtime: undici's dispatcher on Node, loaded with the first request; else `fetch`. */
export function createDefaultTransport(): Transport {
  if (!isNode()) return createFetchTransport()
  let loading: Promise<Transport> | undefined
  return async (request) => {
    loading ??= import('./undici-transport.ts').then(({ createUndiciTransport }) => createUndiciTransport())
    return (await loading)(request)
  }
}

/** Bun and Deno say that they are Node, too. */
function isNode(): boolean {
  const versions = globalThis.process?.versions
  return versions?.node !== undefined && !('bun' in versions) && !('deno' in versions)
}
