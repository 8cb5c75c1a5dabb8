import type { xsalsa20poly1305 as SecretBox } from '@noble/ciphers/salsa.js'
import { createDecipheriv, createHash, hkdfSync } from 'node:crypto'

/** The text behind an encrypted value; `undefined` when it was encrypted with another key, or not at all. */
export type Decrypt = (value: string) => string | undefined

const GCM_NONCE_BYTES = 12
const GCM_TAG_BYTES = 16
const BOX_NONCE_BYTES = 24
const BOX_TAG_BYTES = 16
const LEAST_BOX_LETTERS = Math.ceil(((BOX_NONCE_BYTES + BOX_TAG_BYTES) * 4) / 3)

/**
 * Reads what LiteLLM encrypts in its database with `LITELLM_SALT_KEY`, or its master key where that is not set: since
 * 2026 AES-256-GCM behind `v3:gcm:` or `v2:gcm:`, which differ in how the key is derived, and before it a bare NaCl
 * secret box. All of the keys are tried: each form proves that it was opened with the right one.
 */
export async function createDecrypt(saltKeys: readonly string[]): Promise<Decrypt> {
  const { xsalsa20poly1305 } = await import('@noble/ciphers/salsa.js')
  const decrypts = saltKeys.map((saltKey) => decryptWith(saltKey, xsalsa20poly1305))
  return (value) => {
    for (const decrypt of decrypts) {
      const text = decrypt(value)
      if (text !== undefined) return text
    }
    return undefined
  }
}

/** Whether a value can be nothing but encrypted; a long key of a provider may look like a secret box. */
export function looksEncrypted(value: string): boolean {
  if (/^v[23]:gcm:/.test(value)) return true
  return value.length >= LEAST_BOX_LETTERS && /^(?:[\w-]+|[A-Za-z0-9+/]+)={0,2}$/.test(value)
}

function decryptWith(saltKey: string, xsalsa20poly1305: typeof SecretBox): Decrypt {
  const hashed = createHash('sha256').update(saltKey).digest()
  const derived = Buffer.from(hkdfSync('sha256', saltKey, '', 'litellm-at-rest-v3', 32))
  const openBox = (bytes: Buffer): string => {
    if (bytes.length < BOX_NONCE_BYTES + BOX_TAG_BYTES) throw new Error('too short')
    const box = xsalsa20poly1305(hashed, bytes.subarray(0, BOX_NONCE_BYTES))
    return Buffer.from(box.decrypt(bytes.subarray(BOX_NONCE_BYTES))).toString('utf8')
  }
  return (value) => {
    const [, version, text = value] = /^(v[23]):gcm:(.*)$/s.exec(value) ?? []
    const bytes = Buffer.from(text, 'base64url')
    try {
      return version === undefined ? openBox(bytes) : openGcm(bytes, version === 'v3' ? derived : hashed)
    } catch {
      return undefined
    }
  }
}

function openGcm(bytes: Buffer, key: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, GCM_NONCE_BYTES))
  decipher.setAuthTag(bytes.subarray(-GCM_TAG_BYTES))
  const sealed = bytes.subarray(GCM_NONCE_BYTES, -GCM_TAG_BYTES)
  return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8')
}
