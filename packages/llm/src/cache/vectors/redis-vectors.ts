import { nearestOf } from './vector-index.ts'
import type { KeptVector, VectorIndex } from './vector-index.ts'

/** The part of a Redis client that is used: that of `ioredis`. */
export interface RedisVectorClient {
  readonly lrange: (key: string, start: number, stop: number) => Promise<string[]>
  readonly lpush: (key: string, value: string) => Promise<unknown>
  readonly ltrim: (key: string, start: number, stop: number) => Promise<unknown>
  readonly pexpire: (key: string, lifeMs: number) => Promise<unknown>
}

export interface RedisVectorsOptions {
  readonly client: RedisVectorClient
  /** That of the store beside it: whoever empties the store empties this. */
  readonly prefix: string
  readonly nowMs: () => number
  /** Of one bucket (100): all of them travel for each question. */
  readonly maxOfBucket?: number | undefined
}

/** A bucket that nobody adds to goes after this. */
const IDLE_MS = 30 * 86_400_000

/** In lists of any Redis or Valkey, without a module for searching. */
export function createRedisVectors(options: RedisVectorsOptions): VectorIndex {
  const { client, nowMs, maxOfBucket = 100 } = options
  const nameOf = (bucket: string): string => `${options.prefix}like:${bucket}`
  return {
    nearest: async (bucket, vector) => {
      const texts = await client.lrange(nameOf(bucket), 0, maxOfBucket - 1)
      return nearestOf(
        texts.flatMap((text) => decode(text) ?? []),
        vector,
        nowMs(),
      )
    },
    add: async (bucket, kept) => {
      const name = nameOf(bucket)
      await client.lpush(name, encode(kept))
      await client.ltrim(name, 0, maxOfBucket - 1)
      await client.pexpire(name, IDLE_MS)
    },
    // The store beside it does, by the prefix.
    clear: () => undefined,
  }
}

function encode({ key, vector, expiresMs }: KeptVector): string {
  const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)
  return `${expiresMs ?? '-'} ${bytes.toString('base64')} ${key}`
}

function decode(text: string): KeptVector | undefined {
  const [, expires = '-', base64 = '', key] = /^(\d{1,16}|-) ([\w+/=]+) (.+)$/s.exec(text) ?? []
  if (key === undefined) return undefined
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
  if (bytes.length % Float32Array.BYTES_PER_ELEMENT !== 0) return undefined
  return {
    key,
    vector: new Float32Array(bytes.buffer),
    expiresMs: expires === '-' ? undefined : Number(expires),
  }
}
