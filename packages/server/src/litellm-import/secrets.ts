import type { Sealer } from '../store/seal.ts'
import type { JsonMap } from './columns.ts'
import type { Decrypt } from './decrypt.ts'
import { looksEncrypted } from './decrypt.ts'

/** What opens LiteLLM's secrets and what closes ours. */
export interface Secrets {
  readonly decrypt: Decrypt
  readonly sealer: Sealer
  /** Whether there is a key to seal with. */
  readonly canSeal: boolean
}

/**
 * Values as they were before LiteLLM encrypted them, one by one; some releases left them as they were. `undefined`: they
 * are encrypted with a key that is not here.
 */
export function decryptAll(values: JsonMap, { decrypt }: Secrets): JsonMap | undefined {
  let isOpen = false
  let isClosed = false
  const opened = Object.entries(values).map(([name, value]) => {
    if (typeof value !== 'string') return [name, value] as const
    const text = decrypt(value)
    if (text !== undefined) isOpen = true
    else if (looksEncrypted(value)) isClosed = true
    return [name, text ?? value] as const
  })
  // A key that opens one of them opens all: what looks encrypted beside it is a provider's long key.
  return isClosed && !isOpen ? undefined : Object.fromEntries(opened)
}

export const UNREADABLE = 'it is encrypted with another key: set LITELLM_SALT_KEY to what LiteLLM has'
export const UNSEALABLE = 'it holds secrets: set SWITCHYARD_SALT_KEY to a long random text and keep it'
