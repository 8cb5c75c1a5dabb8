import type { IncomingMessage } from 'node:http'
import { loadKey } from '../../auth/load-principal.ts'
import { MASTER } from '../../auth/fixed-principals.ts'
import type { Principal } from '../../auth/principal.ts'
import { hashKey } from '../../auth/virtual-key.ts'
import { loadConfig } from '../../config/index.ts'
import { Loopback } from '../../http/testing/loopback.ts'
import { createRest } from '../../rest/rest.ts'
import { createServices } from '../../services.ts'
import { createChanges } from '../../store/changes.ts'
import type { Change } from '../../store/changes.ts'
import type { Database } from '../../store/database.ts'
import type { TestDatabase } from '../../store/testing/databases.ts'
import { createAdminRoutes } from '../index.ts'

export const MASTER_KEY = 'sk-1234'

/** A gateway's admin side with a database of its own and no provider, asked as its clients ask it. */
export interface Gate {
  readonly database: Database
  readonly url: string
  /** What the rest of the gateway was told. */
  readonly heard: Change[]
  /** Unix time of the gateway. */
  nowMs: number
  /** GET without a body, POST with one. */
  readonly ask: (path: string, body?: object, how?: How) => Promise<Answer>
  /** The answer of one that must succeed. */
  readonly get: (path: string, body?: object, how?: How) => Promise<Json>
}

export interface How {
  /** Left out: the master key. */
  readonly key?: string | undefined
  readonly method?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Json
}

/** An answer's body: a test knows what it looks for. */
export type Json = Record<string, unknown>

/** Opens one; what it holds is closed when the function is called that `onEnd` was given. */
export async function openGate(
  { open }: Pick<TestDatabase, 'open'>,
  onEnd: (close: () => Promise<void>) => void,
  settings = '',
): Promise<Gate> {
  const database = await open()
  const changes = await createChanges({
    database,
    instance: 'test',
    log: { warn: () => undefined, info: () => undefined },
  })
  const heard: Change[] = []
  changes.subscribe((change) => {
    if (change !== 'gap') heard.push(change)
  })
  const gate = { nowMs: Date.UTC(2026, 10, 27, 12) }
  let ids = 0
  const yaml = `general_settings: {master_key: ${MASTER_KEY}}\nmodel_list: []\n${settings}`
  const loaded = await loadConfig({ path: 'config.yaml', readFile: () => Promise.resolve(yaml), env: {} })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.findings))
  const services = createServices({
    config: loaded.config,
    store: { database, changes },
    version: '1.2.3',
    env: () => undefined,
    nowMs: () => gate.nowMs,
    newId: () => `id-${String(++ids).padStart(6, '0')}`,
  })
  const identify = async (request: IncomingMessage): Promise<Principal> => {
    const key = request.headers.authorization?.replace('Bearer ', '') ?? ''
    if (key === MASTER_KEY) return MASTER
    const settings = { global: {}, statusProfile: 'current' } as const
    const { value: result } = await loadKey(database.kysely, hashKey(key), settings, services.nowMs)
    if (typeof result === 'function') throw result()
    return result
  }
  const rest = await createRest(services, identify, createAdminRoutes(services))
  const server = await Loopback.listen(rest.handle)
  onEnd(async () => {
    await server[Symbol.asyncDispose]()
    await rest.close()
    await changes.close()
    await services.upstream.close()
  })
  const ask: Gate['ask'] = async (path, body, { key = MASTER_KEY, method, headers } = {}) => {
    const response = await fetch(server.url(path), {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, headers: response.headers, body: (await response.json()) as Json }
  }
  return Object.assign(gate, {
    database,
    url: server.url(''),
    heard,
    ask,
    get: async (path: string, body?: object, how?: How) => {
      const answer = await ask(path, body, how)
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
      return answer.body
    },
  })
}
