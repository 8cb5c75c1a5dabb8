import type { Credentials } from '../types/auth.ts'
import { CredentialError } from './credential-error.ts'

/** The caller's key as it can stand in a header, or undefined when there is none. */
export function findApiKey(credentials: Credentials): string | undefined {
  return credentials.apiKey === undefined ? undefined : headerValue('The API key', credentials.apiKey)
}

export function requireApiKey(credentials: Credentials): string {
  const key = findApiKey(credentials)
  if (key !== undefined) return key
  throw new CredentialError(
    'There is no API key',
    "Pass api_key, or set the provider's environment variable to it.",
  )
}

/** A secret without the white space around it, undefined when empty. Throws when it cannot stand in a header. */
export function headerValue(what: string, secret: string): string | undefined {
  const value = secret.trim()
  if (/[^\x20-\x7e]/.test(value)) {
    throw new CredentialError(
      `${what} holds characters that no key has`,
      'Check that it was copied whole and alone.',
    )
  }
  return value === '' ? undefined : value
}
