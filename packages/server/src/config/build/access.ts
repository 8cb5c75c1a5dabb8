import { resolve } from 'node:path'
import type { AccessSettings, JwtRole, JwtSettings } from '../gateway-config.ts'
import type { ConfigFile } from '../schema.ts'
import { customAuthForm } from '../schema/access-settings.ts'
import type { JwtKeys } from '../schema/access-settings.ts'

/** Always asked for the end user, before those of the configuration. */
const STANDARD_USER_HEADERS = ['x-litellm-customer-id', 'x-litellm-end-user-id']

/** More than a misconfigured client makes while somebody looks at it, less than guessing needs. */
const FAILED_LOGINS_PER_MINUTE = 300

/** Who may come in, as `general_settings` and `litellm_settings` say it. `directory` is the configuration's. */
export function buildAccess(
  config: ConfigFile,
  directory: string,
  variable: (name: string) => string | undefined,
): AccessSettings {
  const general = config.general_settings ?? {}
  const litellm = config.litellm_settings ?? {}
  const enforced = general.enforced_params ?? []
  return {
    statusProfile: general.status_profile === 'legacy' ? 'legacy' : 'current',
    allowedIps: listOf(general.allowed_ips),
    allowedRoutes: listOf(general.allowed_routes),
    adminOnlyRoutes: listOf(general.admin_only_routes),
    useForwardedFor: general.use_x_forwarded_for ?? false,
    enforcedParams: general.enforce_user_param === true ? [...new Set(['user', ...enforced])] : enforced,
    serviceAccountParams: general.service_account_settings?.enforced_params ?? [],
    failedLoginsPerMinute: general.failed_logins_per_minute ?? FAILED_LOGINS_PER_MINUTE,
    userHeaders: userHeaders(config),
    rejectClientTags: general.reject_clientside_metadata_tags ?? false,
    allowWithoutDatabase: general.allow_requests_on_db_unavailable ?? false,
    maxBudget: litellm.max_budget ?? undefined,
    budgetDuration: litellm.budget_duration ?? undefined,
    maxEndUserBudget: litellm.max_end_user_budget ?? undefined,
    maxEndUserBudgetId: litellm.max_end_user_budget_id ?? undefined,
    jwt: general.enable_jwt_auth === true ? buildJwt(config, variable) : undefined,
    customAuth: customAuthOf(general.custom_auth, directory),
  }
}

function customAuthOf(setting: string | null | undefined, directory: string): AccessSettings['customAuth'] {
  const [, path, name] = customAuthForm.exec(setting ?? '') ?? []
  return path === undefined || name === undefined ? undefined : { path: resolve(directory, path), name }
}

function userHeaders({ general_settings: general }: ConfigFile): readonly string[] {
  const mapped = (general?.user_header_mappings ?? []).flatMap((mapping) => {
    const { header_name: name, litellm_user_role: role } = (mapping ?? {}) as Record<string, unknown>
    return typeof name === 'string' && role === 'customer' ? [name] : []
  })
  const named = general?.user_header_name ?? ''
  return [...STANDARD_USER_HEADERS, ...mapped, ...(named === '' ? [] : [named])].map((name) =>
    name.toLowerCase(),
  )
}

const DEFAULT_PUBLIC_KEY_TTL_S = 600

/** LiteLLM's defaults for what a token may do. */
const ADMIN_ROUTES = [
  'management_routes',
  'spend_tracking_routes',
  'global_spend_tracking_routes',
  'info_routes',
]
const TEAM_ROUTES = ['openai_routes', 'info_routes']

function buildJwt(config: ConfigFile, variable: (name: string) => string | undefined): JwtSettings {
  const general = config.general_settings ?? {}
  const keys: JwtKeys = general.litellm_jwtauth ?? {}
  return {
    keyUrls: splitList(variable('JWT_PUBLIC_KEY_URL')),
    audiences: splitList(variable('JWT_AUDIENCE')),
    issuer: variable('JWT_ISSUER') ?? '',
    publicKeyTtlMs: (keys.public_key_ttl ?? DEFAULT_PUBLIC_KEY_TTL_S) * 1_000,
    leewayS: keys.leeway ?? 0,
    adminScope: keys.admin_jwt_scope ?? 'litellm_proxy_admin',
    adminAllowedRoutes: keys.admin_allowed_routes ?? ADMIN_ROUTES,
    teamAllowedRoutes: keys.team_allowed_routes ?? TEAM_ROUTES,
    teamIdField: keys.team_id_jwt_field ?? undefined,
    teamIdsField: keys.team_ids_jwt_field ?? undefined,
    teamIdDefault: keys.team_id_default ?? undefined,
    teamIdUpsert: keys.team_id_upsert ?? false,
    organizationIdField: keys.org_id_jwt_field ?? undefined,
    userIdField: keys.user_id_jwt_field ?? undefined,
    userEmailField: keys.user_email_jwt_field ?? undefined,
    userEmailDomain: keys.user_allowed_email_domain ?? undefined,
    userRolesField: keys.user_roles_jwt_field ?? undefined,
    userAllowedRoles: keys.user_allowed_roles ?? [],
    userIdUpsert: keys.user_id_upsert ?? false,
    endUserIdField: keys.end_user_id_jwt_field ?? undefined,
    rolesField: keys.roles_jwt_field ?? undefined,
    roleMappings: (keys.role_mappings ?? []).map(({ role, internal_role: internalRole }) => ({
      role,
      internalRole: internalRole as JwtRole,
    })),
    objectIdField: keys.object_id_jwt_field ?? undefined,
    scopeModels:
      keys.enforce_scope_based_access === true
        ? Object.fromEntries((keys.scope_mappings ?? []).map(({ scope, models }) => [scope, models ?? []]))
        : undefined,
    enforceRbac: keys.enforce_rbac ?? general.enforce_rbac ?? false,
    rolePermissions: Object.fromEntries(
      (general.role_permissions ?? []).map(({ role, models, routes }) => [
        role,
        { models: models ?? undefined, routes: routes ?? undefined },
      ]),
    ),
  }
}

function splitList(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

function listOf(list: readonly string[] | null | undefined): readonly string[] | undefined {
  return list == null || list.length === 0 ? undefined : list
}
