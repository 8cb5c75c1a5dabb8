import { estimateTokens, sealedIn } from '@switchyard/llm/kit'
import type { JsonObject } from '@switchyard/llm/kit'
import { createHash } from 'node:crypto'
import type { Affinity } from '../deployments/affinity.ts'
import type { LlmCall } from './call.ts'
import type { Asking } from './choice.ts'
import { sessionOf } from './log-metadata.ts'

/** Providers keep no shorter prefix. */
const MIN_PREFIX_TOKENS = 1_024
/** A token takes a byte at least. */
const MIN_PREFIX_BYTES = MIN_PREFIX_TOKENS

/** Under what the deployment of a request is looked for and remembered, what weighs more first. */
export function affinityKeys(
  { principal, request }: Pick<Asking, 'principal' | 'request'>,
  call: LlmCall,
  affinity: Affinity,
): readonly string[] {
  const { model } = call
  const caller = principal?.keyHash ?? ''
  return affinity.checksOf(model).flatMap((check) => {
    switch (check) {
      case 'responses_api_deployment_check': {
        const previous = call.scan.string('previous_response_id')
        return previous === undefined ? [] : [responseKey(previous)]
      }
      case 'encrypted_content_affinity':
        return sealedInRequest(call).map(sealedKey)
      case 'prompt_caching': {
        const prefix = cachedPrefix(call)
        return prefix === undefined ? [] : [`prefix ${model} ${prefix}`]
      }
      case 'session_affinity': {
        const session = sessionOf({ request, call })
        return session === undefined ? [] : [`session ${model} ${caller} ${session}`]
      }
      case 'deployment_affinity':
        return caller === '' ? [] : [`key ${model} ${caller}`]
    }
  })
}

/** Whoever made a response has what it was made from. */
export function responseKey(id: string): string {
  return `response ${id}`
}

/** Whoever made what only its maker can read. */
export function sealedKey(sealed: string): string {
  return `sealed ${createHash('sha256').update(sealed).digest('base64url')}`
}

/** The newest ones: a conversation stays where it is. */
const LAST_SEALED = 4

function sealedInRequest(call: LlmCall): readonly string[] {
  if (call.route.operation !== 'responses' || !call.body.includes('"encrypted_content"')) return []
  return sealedIn(call.parsedBody().input).slice(-LAST_SEALED).toReversed()
}

/** A mark of everything up to the last `cache_control`; `undefined` where a provider would keep none of it. */
function cachedPrefix(call: LlmCall): string | undefined {
  if (call.body.length < MIN_PREFIX_BYTES || !call.body.includes('"cache_control"')) return undefined
  const { tools, system, messages } = call.parsedBody()
  const list = Array.isArray(messages) ? messages : []
  const last = list.findLastIndex((message) => JSON.stringify(message).includes('"cache_control"'))
  const kept: JsonObject = { tools: tools ?? null, system: system ?? null, messages: list.slice(0, last + 1) }
  const text = JSON.stringify(kept)
  if (!text.includes('"cache_control"') || estimateTokens(text) < MIN_PREFIX_TOKENS) return undefined
  return createHash('sha256').update(text).digest('base64url')
}
