import { createHash, randomBytes } from 'node:crypto'

/** 192 bits: nobody guesses it, so a plain hash of it is enough to keep. */
const KEY_BYTES = 24

/** A new virtual key: `sk-` and random letters that may stand in an address. Shown once and kept nowhere. */
export function generateKey(random: (bytes: number) => Buffer = randomBytes): string {
  return `sk-${random(KEY_BYTES).toString('base64url')}`
}

/** What is kept of a key: its SHA-256 in hex, as LiteLLM keeps it. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

/** What people recognise a key by: `sk-...` and its last four letters. */
export function keyNameOf(key: string): string {
  return `sk-...${key.slice(-4)}`
}

/** The hash of a key that a management call names by itself or by its hash. */
export function keyHashOf(keyOrHash: string): string {
  return isVirtualKey(keyOrHash) ? hashKey(keyOrHash) : keyOrHash
}

/** Whether a text can be a virtual key at all: what cannot is not looked up. */
export function isVirtualKey(text: string): boolean {
  return text.startsWith('sk-')
}
