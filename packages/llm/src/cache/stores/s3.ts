import type { AwsKeys } from '../../auth/aws-credentials.ts'
import type { SignAws } from '../../auth/aws-signature.ts'
import { createAwsSigner } from '../../auth/aws-signature.ts'
import { createError } from '../../errors.ts'
import type { HttpResponse, Timeouts, Transport } from '../../types/transport.ts'
import { decodeEntry, encodeEntry, isOver } from '../entry.ts'
import type { CacheEntry } from '../entry.ts'
import { defineCacheStore } from '../store.ts'
import type { CacheStoreKind } from '../store.ts'

export interface S3StoreOptions {
  readonly bucket: string
  readonly region: string
  /** Of another service that speaks S3; left out: Amazon's. The bucket is then named in the path. */
  readonly endpoint?: string | undefined
  /** Begins every object's name. */
  readonly prefix: string
  /** Asked for each call, so that keys may change. */
  readonly keys: () => Promise<AwsKeys>
  readonly transport: Transport
  readonly timeoutMs: number
  readonly nowMs: () => number
}

/** Objects deleted one beside the other. */
const AT_ONCE = 16

/** In a bucket: slow, cheap, without end. What is over stays until a lifecycle rule of the bucket takes it. */
export const s3: CacheStoreKind<S3StoreOptions> = defineCacheStore('s3', (options: S3StoreOptions) => {
  const sign = createAwsSigner()
  const send = sender(options, sign)
  const { prefix, nowMs } = options
  const pathOf = (key: string): string => `/${encodePath(prefix + key)}`

  const get = async (key: string): Promise<CacheEntry | undefined> => {
    const answer = await send('GET', pathOf(key))
    if (answer.status === 404) return undefined
    const text = checked(answer, 'read an entry')
    const entry = decodeEntry(text)
    return entry === undefined || isOver(entry, nowMs()) ? undefined : entry
  }

  const remove = async (key: string): Promise<boolean> => {
    const isThere = (await send('HEAD', pathOf(key))).status === 200
    checked(await send('DELETE', pathOf(key)), 'delete an entry')
    return isThere
  }

  return {
    get,
    getMany: (keys) => Promise.all(keys.map(get)),
    set: async (key, entry) => {
      checked(await send('PUT', pathOf(key), encodeEntry(entry)), 'keep an entry')
    },
    delete: async (keys) => {
      let count = 0
      for (let start = 0; start < keys.length; start += AT_ONCE) {
        const removed = await Promise.all(keys.slice(start, start + AT_ONCE).map(remove))
        count += removed.filter(Boolean).length
      }
      return count
    },
    clear: async () => {
      for (;;) {
        const query = `?list-type=2&max-keys=1000&prefix=${encodeURIComponent(prefix)}`
        const names = namesIn(checked(await send('GET', `/${query}`), 'list entries'))
        if (names.length === 0) return
        for (let start = 0; start < names.length; start += AT_ONCE)
          await Promise.all(
            names.slice(start, start + AT_ONCE).map(async (name) => {
              checked(await send('DELETE', `/${encodePath(name)}`), 'delete an entry')
            }),
          )
      }
    },
    ping: async () => {
      checked(
        await send('GET', `/?list-type=2&max-keys=1&prefix=${encodeURIComponent(prefix)}`),
        'list entries',
      )
    },
    close: () => undefined,
  }
})

interface S3Answer {
  readonly status: number
  readonly text: string
}

type Send = (method: 'GET' | 'PUT' | 'DELETE' | 'HEAD', path: string, body?: string) => Promise<S3Answer>

function sender(options: S3StoreOptions, sign: SignAws): Send {
  const { bucket, region, endpoint, transport, timeoutMs, nowMs } = options
  const base =
    endpoint === undefined
      ? `https://${bucket}.s3.${region}.amazonaws.com`
      : `${endpoint.replace(/\/+$/, '')}/${bucket}`
  const timeouts: Timeouts = {
    connectMs: timeoutMs,
    firstByteMs: timeoutMs,
    idleMs: timeoutMs,
    totalMs: timeoutMs,
  }
  return async (method, path, body) => {
    const url = base + path
    const headers = { 'content-type': 'text/plain; charset=utf-8' }
    const signature = await sign(
      { method, url, headers, body },
      await options.keys(),
      { service: 's3', region },
      nowMs(),
    )
    const response = await transport({
      method,
      url,
      headers: { ...headers, ...signature },
      body,
      timeouts,
    })
    return { status: response.status, text: await readText(response) }
  }
}

async function readText({ body }: HttpResponse): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}

function checked({ status, text }: S3Answer, what: string): string {
  if (status >= 200 && status < 300) return text
  const code = /<Code>([^<]{1,100})<\/Code>/.exec(text)?.[1] ?? 'no code'
  throw createError({
    code: 'service_unavailable',
    message: `S3 did not ${what}: status ${status}, ${code}. Look at the bucket's name, its region and what the keys may do.`,
  })
}

function namesIn(list: string): string[] {
  return [...list.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, name = '']) => unescapeXml(name))
}

function unescapeXml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')
}

/** As S3 reads it: everything but unreserved characters and slashes is encoded. */
function encodePath(path: string): string {
  return encodeURIComponent(path)
    .replaceAll('%2F', '/')
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}
