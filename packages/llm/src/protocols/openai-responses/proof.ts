import type { JsonObject } from '../../types/json.ts'
import type { ReasoningPart } from '../../types/message.ts'
import { arrayOf, compact, objectOf, parseJson, textOf } from '../wire.ts'

/**
 * Other wires prove thinking by signatures and the like. Clients of this wire return `encrypted_content`
 * unread, so such proofs travel in it, marked as ours.
 */
const MARK = 'switchyard:'

/** Ids of items that no provider knows. */
const ID_MARK = '_sy'

type Proof = Pick<ReasoningPart, 'signature' | 'redacted' | 'details'>

export function renderProof(part: Proof): string | undefined {
  const { signature, redacted, details } = part
  if (signature === undefined && redacted === undefined && details === undefined) return undefined
  return MARK + toBase64(JSON.stringify(compact({ signature, redacted, details })))
}

/** The signature of a call (Gemini), for which this wire's calls have no place: it travels in a thinking item of its own. */
export function renderCallProof(callId: string, signature: string): string {
  return MARK + toBase64(JSON.stringify({ call: callId, signature }))
}

/** The call and its signature in an `encrypted_content` that we wrote. */
export function parseCallProof(
  encrypted: string | undefined,
): { call: string; signature: string } | undefined {
  if (encrypted?.startsWith(MARK) !== true) return undefined
  const proof: JsonObject = objectOf(parseJson(fromBase64(encrypted.slice(MARK.length)))) ?? {}
  const call = textOf(proof.call)
  const signature = textOf(proof.signature)
  return call === undefined || signature === undefined ? undefined : { call, signature }
}

/** The proof in an `encrypted_content` that we wrote; `undefined` for a provider's own. */
export function parseProof(encrypted: string | undefined): Proof | undefined {
  if (encrypted?.startsWith(MARK) !== true) return undefined
  const proof: JsonObject = objectOf(parseJson(fromBase64(encrypted.slice(MARK.length)))) ?? {}
  const details = arrayOf(proof.details)
  return {
    ...(textOf(proof.signature) === undefined ? {} : { signature: textOf(proof.signature) }),
    ...(textOf(proof.redacted) === undefined ? {} : { redacted: textOf(proof.redacted) }),
    ...(details.length > 0 ? { details } : {}),
  }
}

/** An id for an item that came without one. */
export function makeItemId(prefix: string, response: string, index: number): string {
  return `${prefix}${ID_MARK}_${response.replace(/^resp_/, '')}_${index}`
}

/** The id of an item, unless we made it up. */
export function providerItemId(id: string | undefined): string | undefined {
  return id === undefined || id === '' || /^[a-z]+_sy_/.test(id) ? undefined : id
}

function toBase64(text: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

function fromBase64(text: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)))
  } catch {
    return ''
  }
}
