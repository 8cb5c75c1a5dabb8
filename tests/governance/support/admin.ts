import { vi } from 'vitest'

/** What an administrator asks a gateway, as LiteLLM's scripts do. */
export interface Admin {
  /** GET without a body, POST with one; the answer of a request that must succeed. */
  admin: (path: string, body?: object) => Promise<Json>
  /** A new virtual key with these fields. */
  newKey: (fields?: object) => Promise<string>
  /** The log of one request, as soon as it is there. */
  logOf: (requestId: string) => Promise<Json>
}

/** A JSON object: a test knows what it looks for. */
export type Json = Record<string, unknown>

interface Door {
  url: string
  key: string
  /** Where it can be told to: moves logs that wait into the database. */
  flush?: () => Promise<void>
}

export function createAdmin({ url, key, flush }: Door): Admin {
  const admin = async (path: string, body?: object): Promise<Json> => {
    const response = await fetch(`${url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
    return JSON.parse(text) as Json
  }
  return {
    admin,
    newKey: async (fields = {}) => String((await admin('/key/generate', fields))['key']),
    logOf: (requestId) =>
      vi.waitFor(
        async () => {
          await flush?.()
          const found = await admin(`/spend/logs?request_id=${encodeURIComponent(requestId)}`)
          const [log] = Object.values(found) as Json[]
          if (log === undefined) throw new Error(`nothing is logged of ${requestId}`)
          return log
        },
        { timeout: 5_000, interval: 20 },
      ),
  }
}
