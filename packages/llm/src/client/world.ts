import { createDefaultTransport } from '../http/default-transport.ts'
import { defaultTimeouts } from '../http/timeouts.ts'
import { processEnvironment } from './environment.ts'
import type { ClientWorld } from './options.ts'

/** The usual world: the process's environment, the real clock, one connection pool. */
export function createWorld(parts: Partial<ClientWorld> = {}): ClientWorld {
  return {
    transport: parts.transport ?? createDefaultTransport(),
    env: parts.env ?? processEnvironment,
    nowMs: parts.nowMs ?? Date.now,
    newId: parts.newId ?? (() => crypto.randomUUID().replaceAll('-', '')),
    random: parts.random ?? Math.random,
    sleep: parts.sleep ?? sleep,
    readFile: parts.readFile ?? readTextFile,
    timeouts: parts.timeouts ?? defaultTimeouts,
  }
}

async function readTextFile(path: string): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  return readFile(path, 'utf8')
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms)
    function done(): void {
      signal?.removeEventListener('abort', abort)
      resolve()
    }
    function abort(): void {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    if (signal?.aborted === true) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
}
