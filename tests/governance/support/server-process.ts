import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { masterKey } from '../../clients/support/gateway.ts'
import type { ModelEntry } from '../../clients/support/models.ts'
import { createAdmin } from './admin.ts'
import type { Admin } from './admin.ts'

const main = fileURLToPath(new URL('../../../packages/server/src/main.ts', import.meta.url))

export interface ServerOptions {
  models: readonly ModelEntry[]
  /** Journals are here, and SQLite's file where there is no `databaseUrl`. */
  dataDirectory: string
  databaseUrl?: string | undefined
  redisUrl?: string | undefined
  general?: object
  environment?: Record<string, string>
  /** Left out: any free one. */
  port?: number
}

/** The server as its users start it: `switchyard start`, in a process of its own. */
export interface ServerProcess extends Admin {
  url: string
  port: number
  key: string
  pid: number
  /** Everything that it has written. */
  output: () => string
  /** `SIGKILL` when left out. Done when the process is gone; gives its exit code. */
  kill: (signal?: NodeJS.Signals) => Promise<number | null>
}

/** Starts one and waits until it listens. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const config = join(options.dataDirectory, 'config.json')
  await writeFile(
    config,
    JSON.stringify({
      model_list: options.models,
      router_settings: { num_retries: 0 },
      general_settings: { master_key: masterKey, ...options.general },
    }),
  )
  const words = ['start', '--config', config, '--host', '127.0.0.1', '--port', String(options.port ?? 0)]
  const child = spawn(process.execPath, [main, ...words, '--data', options.dataDirectory], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: join(tmpdir(), 'switchyard-test-compiled'),
      CLIENT_TEST_PROVIDER_KEY: 'sk-provider-secret',
      ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
      ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
      ...options.environment,
    },
  })
  const ended = once(child, 'close') as Promise<[number | null]>
  let output = ''
  const listening = Promise.withResolvers<string>()
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const url = /listens on (http:\S+?)[,\s]/.exec(output)?.[1]
      if (url !== undefined) listening.resolve(url)
    })
  void ended.then(() => listening.reject(new Error(`the server ended before it listened:\n${output}`)))
  const url = await listening.promise
  return {
    ...createAdmin({ url, key: masterKey }),
    url,
    port: Number(new URL(url).port),
    key: masterKey,
    pid: child.pid ?? 0,
    output: () => output,
    kill: async (signal = 'SIGKILL') => {
      child.kill(signal)
      const [code] = await ended
      return code
    },
  }
}

/** What `switchyard ledger verify` says. Fails when it finds that sums do not agree. */
export async function verifyLedger(
  place: Pick<ServerOptions, 'dataDirectory' | 'databaseUrl'>,
): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [main, 'ledger', 'verify', '--data', place.dataDirectory],
    {
      cwd: place.dataDirectory,
      env: place.databaseUrl === undefined ? {} : { DATABASE_URL: place.databaseUrl },
    },
  )
  return stdout
}

/** Folders for servers, gone with `remove`. */
export async function makeFolders(
  count: number,
): Promise<{ folders: string[]; remove: () => Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'switchyard-servers-'))
  const folders = await Promise.all(
    Array.from({ length: count }, async () => await mkdtemp(join(root, 'data-'))),
  )
  return { folders, remove: async () => await rm(root, { recursive: true, force: true }) }
}
