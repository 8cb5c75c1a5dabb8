import type * as Crypto from 'node:crypto'
import type { Cipher } from './serde.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16

export interface AesKeys {
  /** 32 bytes. Everything is sealed with it. */
  readonly key: Uint8Array
  /** Keys that were used before: what they sealed is still read. */
  readonly oldKeys?: readonly Uint8Array[] | undefined
}

/**
 * Encrypts what savers store with AES-256-GCM: values, pending writes and metadata. Ids, node and channel names and
 * versions stay readable, since the store finds by them.
 *
 * @example new SqliteSaver('threads.db', { cipher: aesCipher({ key: Buffer.from(process.env.THREADS_KEY!, 'base64') }) })
 */
export function aesCipher({ key, oldKeys = [] }: AesKeys): Cipher {
  // Not imported: with every saver's door, 4 MB would be loaded for those who do not encrypt.
  const crypto = process.getBuiltinModule('node:crypto')
  const keys = [key, ...oldKeys]
  for (const { length } of keys)
    if (length !== 32) throw new TypeError(`aesCipher: a key must have 32 bytes, not ${length}.`)
  return {
    seal(text) {
      const nonce = crypto.randomBytes(NONCE_BYTES)
      const cipher = crypto.createCipheriv('aes-256-gcm', key, nonce)
      const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return Buffer.concat(sealed).toString('base64')
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64')
      if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new TypeError('it is too short to be encrypted')
      for (const candidate of keys) {
        const text = opened(crypto, bytes, candidate)
        if (text !== undefined) return text
      }
      throw new TypeError('it was changed, or encrypted with another key')
    },
  }
}

/** The text in sealed bytes; `undefined` if another key sealed them or somebody changed them. */
function opened(crypto: typeof Crypto, bytes: Buffer, key: Uint8Array): string | undefined {
  const decipher = crypto.createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES))
  try {
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
