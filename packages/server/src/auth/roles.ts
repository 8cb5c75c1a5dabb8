/** LiteLLM's roles. `key`: whoever holds a key that belongs to no user; it may call models and look at itself. */
export type Role =
  | 'proxy_admin'
  | 'proxy_admin_viewer'
  | 'org_admin'
  | 'internal_user'
  | 'internal_user_viewer'
  | 'key'
