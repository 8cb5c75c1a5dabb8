import { isIP } from 'node:net'
import { z } from 'zod'
import { amount, anyList, choice, flag, text, texts } from './values.ts'

/** What `general_settings` says about who may come in and what a request has to hold. */
export interface AccessKeys {
  status_profile?: string | null | undefined
  allowed_ips?: string[] | null | undefined
  allowed_routes?: string[] | null | undefined
  admin_only_routes?: string[] | null | undefined
  use_x_forwarded_for?: boolean | null | undefined
  enforce_user_param?: boolean | null | undefined
  enforced_params?: string[] | null | undefined
  service_account_settings?: { enforced_params?: string[] | null | undefined } | null | undefined
  user_header_name?: string | null | undefined
  user_header_mappings?: unknown[] | null | undefined
  reject_clientside_metadata_tags?: boolean | null | undefined
  allow_requests_on_db_unavailable?: boolean | null | undefined
  failed_logins_per_minute?: number | null | undefined
  custom_auth?: string | null | undefined
  enable_jwt_auth?: boolean | null | undefined
  enforce_rbac?: boolean | null | undefined
  role_permissions?: RolePermissionKeys[] | null | undefined
  litellm_jwtauth?: JwtKeys | null | undefined
}

export interface RolePermissionKeys {
  role: string
  models?: string[] | null | undefined
  routes?: string[] | null | undefined
}

/** LiteLLM's `litellm_jwtauth`. Fields of tokens are named with dots where they lie deeper: `realm.roles`. */
export interface JwtKeys {
  admin_jwt_scope?: string | null | undefined
  admin_allowed_routes?: string[] | null | undefined
  team_id_jwt_field?: string | null | undefined
  team_ids_jwt_field?: string | null | undefined
  team_id_default?: string | null | undefined
  team_id_upsert?: boolean | null | undefined
  team_allowed_routes?: string[] | null | undefined
  org_id_jwt_field?: string | null | undefined
  user_id_jwt_field?: string | null | undefined
  user_email_jwt_field?: string | null | undefined
  user_allowed_email_domain?: string | null | undefined
  user_roles_jwt_field?: string | null | undefined
  user_allowed_roles?: string[] | null | undefined
  user_id_upsert?: boolean | null | undefined
  end_user_id_jwt_field?: string | null | undefined
  roles_jwt_field?: string | null | undefined
  role_mappings?: { role: string; internal_role: string }[] | null | undefined
  object_id_jwt_field?: string | null | undefined
  scope_mappings?: { scope: string; models?: string[] | null | undefined }[] | null | undefined
  enforce_scope_based_access?: boolean | null | undefined
  enforce_rbac?: boolean | null | undefined
  public_key_ttl?: number | null | undefined
  leeway?: number | null | undefined
}

const rbacRole = z.enum(['proxy_admin', 'team', 'internal_user'], {
  error: 'expected one of proxy_admin, team, internal_user',
})

const jwtKeys = z
  .strictObject(
    {
      admin_jwt_scope: text(),
      admin_allowed_routes: texts(),
      team_id_jwt_field: text(),
      team_ids_jwt_field: text(),
      team_id_default: text(),
      team_id_upsert: flag(),
      team_allowed_routes: texts(),
      org_id_jwt_field: text(),
      user_id_jwt_field: text(),
      user_email_jwt_field: text(),
      user_allowed_email_domain: text(),
      user_roles_jwt_field: text(),
      user_allowed_roles: texts(),
      user_id_upsert: flag(),
      end_user_id_jwt_field: text(),
      roles_jwt_field: text(),
      role_mappings: z
        .array(z.object({ role: z.string('expected a text'), internal_role: rbacRole }))
        .nullish(),
      object_id_jwt_field: text(),
      scope_mappings: z.array(z.object({ scope: z.string('expected a text'), models: texts() })).nullish(),
      enforce_scope_based_access: flag(),
      enforce_rbac: flag(),
      public_key_ttl: amount({ above: 0 }),
      leeway: amount({ min: 0 }),
    },
    {
      error: (issue) =>
        issue.code === 'unrecognized_keys'
          ? `holds settings that are not offered here: ${issue.keys.join(', ')}`
          : 'expected a map',
    },
  )
  .nullish()

/** A file and the name of its export: `./auth.ts:authenticate`. */
export const customAuthForm: RegExp = /^(.+\.[cm]?[jt]s):([A-Za-z_$][\w$]*)$/

const addresses = z
  .array(
    z.string().refine(isAddressRange, 'expected an IP address or a range such as 10.0.0.0/8'),
    'expected a list of IP addresses',
  )
  .nullish()

/** Keys of `general_settings`. */
export const accessKeys: { readonly [Key in keyof Required<AccessKeys>]: z.ZodType<AccessKeys[Key]> } = {
  status_profile: choice(['current', 'legacy']),
  allowed_ips: addresses,
  allowed_routes: texts(),
  admin_only_routes: texts(),
  use_x_forwarded_for: flag(),
  enforce_user_param: flag(),
  service_account_settings: z.looseObject({ enforced_params: texts() }, 'expected a map').nullish(),
  enforced_params: texts(),
  user_header_name: text(),
  user_header_mappings: anyList(),
  reject_clientside_metadata_tags: flag(),
  allow_requests_on_db_unavailable: flag(),
  failed_logins_per_minute: amount({ min: 0, whole: true }),
  custom_auth: z
    .string('expected a text')
    .regex(customAuthForm, 'expected a file and its export, as ./auth.ts:authenticate (Python is not loaded)')
    .nullish(),
  enable_jwt_auth: flag(),
  enforce_rbac: flag(),
  role_permissions: z
    .array(z.object({ role: rbacRole, models: texts(), routes: texts() }), 'expected a list')
    .nullish(),
  litellm_jwtauth: jwtKeys,
}

function isAddressRange(value: string): boolean {
  const [address = '', prefix] = value.split('/')
  const family = isIP(address)
  if (family === 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
}
