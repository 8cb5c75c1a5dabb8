import type { AuthScheme } from '../types/auth.ts'
import { headerKey } from './header-key.ts'
import type { HeaderKeyOptions } from './header-key.ts'

/** The API key as `Authorization: Bearer …`. */
export function bearer(options: Pick<HeaderKeyOptions, 'optional'> = {}): AuthScheme {
  return { ...headerKey('authorization', { ...options, prefix: 'Bearer ' }), id: 'bearer' }
}
