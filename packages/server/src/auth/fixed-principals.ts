import type { Principal } from './principal.ts'

const unlimited = {
  role: 'proxy_admin',
  adminOfTeams: [],
  memberOfTeams: [],
  adminOfOrganizations: [],
  teamPermissions: {},
  modelLists: [],
  aliases: {},
  limits: [],
  modelLimits: {},
  tagLimits: {},
  tags: [],
  metadata: {},
} as const

/** Whoever holds the master key. The user id is LiteLLM's for them. */
export const MASTER: Principal = Object.freeze({
  ...unlimited,
  type: 'master',
  keyHash: 'master',
  userId: 'default_user_id',
})

/** Everyone, where the gateway has no master key and listens on loopback only. */
export const ANONYMOUS: Principal = Object.freeze({
  ...unlimited,
  type: 'anonymous',
  keyHash: '',
  userId: 'default_user_id',
})
