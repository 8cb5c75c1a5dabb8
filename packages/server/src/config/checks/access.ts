import type { ConfigFile } from '../schema.ts'
import type { JwtKeys } from '../schema/access-settings.ts'
import type { KeyFinding } from './known-keys.ts'

/** What has to be known before a token can be trusted, and what for. */
const JWT_VARIABLES: Readonly<Record<string, string>> = {
  JWT_PUBLIC_KEY_URL: 'where the public keys of whoever signs the tokens are',
  JWT_ISSUER: 'the issuer whose tokens count: anybody else’s could be signed with a key from there too',
  JWT_AUDIENCE: 'the audience that tokens have to name: those for other services must not open this one',
}

/** Settings of tokens that only make sense together. */
export function checkAccess(
  config: ConfigFile,
  variable: (name: string) => string | undefined,
): KeyFinding[] {
  const general = config.general_settings
  if (general?.enable_jwt_auth !== true) return []
  const missing = Object.entries(JWT_VARIABLES).flatMap(([name, meaning]) =>
    (variable(name) ?? '').trim() === ''
      ? [error('enable_jwt_auth', `needs the variable ${name}: ${meaning}`, `set ${name}`)]
      : [],
  )
  const badUrls = (variable('JWT_PUBLIC_KEY_URL') ?? '')
    .split(',')
    .filter((url) => url.trim() !== '' && !/^https?:\/\/[^\s]+$/i.test(url.trim()))
    .map(() => error('enable_jwt_auth', 'JWT_PUBLIC_KEY_URL has to hold http addresses, divided by commas'))
  return [...missing, ...badUrls, ...checkPairs(general.litellm_jwtauth ?? {})]
}

function checkPairs(keys: JwtKeys): KeyFinding[] {
  const isSet = (value: unknown): boolean => value != null && value !== ''
  const rules: readonly [problem: boolean, key: keyof JwtKeys, message: string][] = [
    [
      isSet(keys.user_roles_jwt_field) !== isSet(keys.user_allowed_roles),
      'user_allowed_roles',
      'and user_roles_jwt_field need each other',
    ],
    [
      isSet(keys.object_id_jwt_field) && !isSet(keys.role_mappings),
      'object_id_jwt_field',
      'needs role_mappings: they say whether it is a user or a team',
    ],
    [
      isSet(keys.scope_mappings) && keys.enforce_scope_based_access !== true,
      'scope_mappings',
      'has no effect without enforce_scope_based_access: true',
    ],
    [
      isSet(keys.user_allowed_email_domain) && !isSet(keys.user_email_jwt_field),
      'user_allowed_email_domain',
      'needs user_email_jwt_field: the field that holds the address',
    ],
  ]
  return rules.flatMap(([problem, key, message]) =>
    problem ? [error(`litellm_jwtauth.${key}`, message)] : [],
  )
}

function error(key: string, message: string, fix?: string): KeyFinding {
  const path = `general_settings.${key}`
  return { level: 'error', path, at: path, message, fix }
}
