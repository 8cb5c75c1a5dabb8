import { rememberBy } from './remember.ts'

/** What money, requests and tokens are counted for. A request belongs to many at once; every one must have room. */
export type ScopeKind =
  | 'global'
  | 'organization'
  | 'organization_member'
  | 'team'
  | 'team_member'
  | 'user'
  | 'key'
  | 'end_user'
  | 'tag'
  | 'agent'
  | 'run'
  // One model within another scope: its id is `<id>/<model>`.
  | 'organization_model'
  | 'key_model'
  | 'team_model'
  | 'user_model'
  | 'end_user_model'
  // One tag within a key: its id is `<key>/<tag>`.
  | 'key_tag'
  // The other side of every entry: who was paid.
  | 'deployment'

export interface Scope {
  readonly kind: ScopeKind
  /** A member's is `<team>/<user>` or `<organization>/<user>`; the global one's is empty. */
  readonly id: string
}

/** The scope as one text, for maps and stores: `team:t-1`. */
export const scopeName: (scope: Scope) => string = rememberBy(({ kind, id }: Scope) => `${kind}:${id}`)

/** What `scopeName` wrote. Ids may hold anything, kinds hold no colon. */
export function parseScopeName(name: string): Scope {
  const at = name.indexOf(':')
  return { kind: name.slice(0, at) as ScopeKind, id: name.slice(at + 1) }
}
