import type { AuthScheme } from '../types/auth.ts'
import { findApiKey, requireApiKey } from './api-key.ts'

export interface HeaderKeyOptions {
  /** Stands before the key, its space included: `Key `, `Token `. */
  prefix?: string | undefined
  /** Without a key nothing is sent instead of an error: servers of one's own often ask for none. */
  optional?: boolean | undefined
}

/** The API key in a header of its own. */
export function headerKey(
  header: string,
  { prefix = '', optional = false }: HeaderKeyOptions = {},
): AuthScheme {
  return {
    id: `header:${header}`,
    constant: true,
    authorize(_, credentials) {
      const key = optional ? findApiKey(credentials) : requireApiKey(credentials)
      return key === undefined ? {} : { [header]: prefix + key }
    },
  }
}
