import { createError } from '../errors.ts'

/** SHA-256 of a text, in hexadecimal. */
export type Hash = (text: string) => string

/**
 * The platform's own, without waiting: what is asked for again should not take a turn.
 *
 * @throws where there is no `node:crypto`: Node, Bun, Deno and Workers have it.
 */
export function platformHash(): Hash {
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto')
  if (crypto === undefined)
    throw createError({
      code: 'unsupported_params',
      message:
        'Answers cannot be cached here: this platform has no node:crypto. Give the cache a hash of your own.',
    })
  return (text) => crypto.hash('sha256', text, 'hex')
}
