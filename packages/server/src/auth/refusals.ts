import { createError } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'

// Statuses, types and first words are LiteLLM's. None of them repeats a key or its hash: answers end up in logs.

/** LiteLLM's release of which statuses are given: `general_settings.status_profile`. */
export type StatusProfile = 'current' | 'legacy'

export function missingKey(): SwitchyardError {
  return unauthorized('missing_api_key', `No api key passed in. ${HOW_TO_SEND}`)
}

/** Not a key at all: it is not looked up. */
export function malformedKey(): SwitchyardError {
  return unauthorized(
    'invalid_api_key',
    `Invalid api key passed in. LiteLLM Virtual Key expected, expected to start with 'sk-'. ${HOW_TO_SEND}`,
  )
}

/** Nobody has this key, or its team is gone. */
export function unknownKey(): SwitchyardError {
  return createError({
    code: 'authentication',
    reason: 'invalid_api_key',
    type: 'token_not_found_in_db',
    param: 'key',
    message: `Authentication Error, Invalid proxy server token passed. Unable to find it among the keys of this gateway. ${HOW_TO_SEND}`,
  })
}

export function expiredKey(expiresMs: number, profile: StatusProfile): SwitchyardError {
  return createError({
    code: 'authentication',
    status: profile === 'legacy' ? 400 : 401,
    reason: 'key_expired',
    type: 'expired_key',
    message: `Authentication Error - Expired Key. Key Expiry time ${new Date(expiresMs).toISOString()}. Ask the administrator for a new key.`,
  })
}

/** 401 as in every release of LiteLLM that was seen, not 403. */
export function blockedKey(): SwitchyardError {
  return unauthorized('key_blocked', "Key is blocked. Update via `/key/unblock` if you're an admin.")
}

export function blockedTeam(teamId: string): SwitchyardError {
  return unauthorized(
    'team_blocked',
    `Team=${teamId} is blocked. Update via \`/team/unblock\` if you're an admin.`,
  )
}

/** Whoever may be guessing is not looked up for a while. */
export function tooManyFailures(waitMs: number): SwitchyardError {
  return createError({
    code: 'rate_limit',
    reason: 'too_many_failed_logins',
    retryAfterMs: waitMs,
    message:
      'Too many requests from this address had a key that is not valid. Check the key and try again in a minute; ' +
      'an administrator may set general_settings.failed_logins_per_minute.',
  })
}

/** A token that was not signed for this gateway, or not by its issuer, or is too old. */
export function invalidToken(what: string): SwitchyardError {
  return unauthorized('invalid_token', `Invalid JWT passed in: ${what}`)
}

/** A token that is good, from somebody who has no place here. */
export function tokenNotAllowed(what: string): SwitchyardError {
  return createError({
    code: 'permission_denied',
    reason: 'token_not_allowed',
    type: 'auth_error',
    message: `Authentication Error, ${what}`,
  })
}

/** The keys cannot be looked up, and this one was not looked up lately. */
export function keysUnavailable(cause: unknown): SwitchyardError {
  return createError({
    code: 'service_unavailable',
    reason: 'db_unavailable',
    type: 'no_db_connection',
    retryAfterMs: 1_000,
    message: 'The keys of this gateway cannot be looked up at the moment. Try again in a second.',
    cause,
  })
}

function unauthorized(reason: string, what: string): SwitchyardError {
  return createError({
    code: 'authentication',
    reason,
    type: 'auth_error',
    message: `Authentication Error, ${what}`,
  })
}

const HOW_TO_SEND = "Send the key as 'Authorization: Bearer <key>'."
