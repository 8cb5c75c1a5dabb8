import { createError } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'

// None of them names a reason of our own: LiteLLM's clients expect the status as `error.code`.

/** Something that is asked for does not exist. */
export function notFound(message: string, param?: string): SwitchyardError {
  return createError({ code: 'not_found', message, param })
}

/** The request cannot be done as it is. `type` is LiteLLM's word where it has one. */
export function badRequest(message: string, param?: string, type = 'bad_request_error'): SwitchyardError {
  return createError({ code: 'bad_request', type, message, param })
}

/** They may ask, but not for this. */
export function forbidden(message: string, param?: string): SwitchyardError {
  return createError({ code: 'permission_denied', type: 'auth_error', message, param })
}

/** LiteLLM's words, for something in an organization that they do not administer. */
export function notTheirOrganization(organizationId: string): SwitchyardError {
  return forbidden(
    `You are not a member of the organization specified in the request body. Passed organization_id=${organizationId}. Its admins and proxy admins may do this.`,
    'organization_id',
  )
}

/** They try to give away more than they have. */
export function exceedsGranter(message: string, param: string): SwitchyardError {
  return createError({ code: 'permission_denied', type: 'permission_exceeds_granter', message, param })
}

/** LiteLLM's own word, and 401 as it answers, for members of a team who are not trusted with this. */
export function teamMemberMayNot(message: string): SwitchyardError {
  return createError({ code: 'authentication', type: 'team_member_permission_error', message })
}

/** Somebody else changed it since it was looked at. */
export function versionConflict(what: string): SwitchyardError {
  return createError({
    code: 'bad_request',
    status: 409,
    type: 'version_conflict',
    message: `${what} was changed by somebody else meanwhile. Look at it again and repeat the change.`,
  })
}

export function noDatabase(): SwitchyardError {
  return createError({
    code: 'internal',
    type: 'no_db_connection',
    message:
      'No connected db. Set general_settings.database_url or DATABASE_URL, or leave both out for SQLite.',
    retryable: false,
  })
}
