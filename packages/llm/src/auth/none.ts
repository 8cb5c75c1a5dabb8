import type { AuthScheme } from '../types/auth.ts'

/** For a server that asks for no proof. */
export const none: AuthScheme = { id: 'none', constant: true, authorize: () => ({}) }
