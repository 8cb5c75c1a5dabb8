import { createError, readRequestFallbacks } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'
import type { Callers } from '../../auth/callers.ts'
import type { EndUser } from '../../auth/load-limits.ts'
import type { ModelList, Principal } from '../../auth/principal.ts'
import { checkRoute } from '../../auth/route-access.ts'
import type { Parties } from '../../ledger/entry.ts'
import type { ScopeLimits } from '../../policy/limits.ts'
import { modelDenied } from '../../policy/model-access.ts'
import { ledgerUnavailable } from '../../policy/refusal.ts'
import { rememberBy } from '../../policy/remember.ts'
import type { Services } from '../../services.ts'
import type { LlmCall } from '../call.ts'
import { checkEnforced, readCallerFields } from '../caller-fields.ts'
import type { CallerFields } from '../caller-fields.ts'
import type { Exchange } from '../exchange.ts'
import { denyingListOf } from '../model-access.ts'

/** A request that its caller may make. */
export interface Authorized {
  /** In the team that serves the request, where they are in several, and bound to the region of its end user. */
  readonly principal: Principal
  /** The model to look for, after the key's own names for models. */
  readonly model: string
  /** Whom it is charged to. */
  readonly parties: Parties
  /** What all scopes that it belongs to may spend and ask for. */
  readonly limits: readonly ScopeLimits[]
}

export interface Authorizer {
  /**
   * Whether the caller may make this request; a promise only where an end user or a tag has to be looked up.
   *
   * @throws 403 for a route or a model that is not theirs, 400 for what the request has to have or must not have,
   * 503 `ledger_unavailable` for budgets while the database is away.
   */
  authorize: (
    exchange: Pick<Exchange, 'route' | 'request'>,
    principal: Principal,
    call: Pick<LlmCall, 'model' | 'scan'>,
  ) => Authorized | Promise<Authorized>
}

export function createAuthorizer(
  services: Pick<Services, 'config' | 'deployments'>,
  callers: Pick<Callers, 'endUser' | 'tag'>,
): Authorizer {
  const { access } = services.config

  return {
    authorize: ({ route, request }, caller, call) => {
      checkRoute(caller, route, access)
      const fields = readCallerFields(call.scan, request.headers, access)
      checkEnforced(access.enforcedParams, call.scan, fields)
      if (caller.metadata['service_account_id'] !== undefined)
        checkEnforced(access.serviceAccountParams, call.scan, fields)
      if (caller.enforcedParams !== undefined) checkEnforced(caller.enforcedParams, call.scan, fields)
      const principal = placeOf(caller, call)
      return charge(principal, modelOf(principal, call.model), {
        endUserId: principal.endUserId ?? fields.endUserId,
        tags: mergeTags(principal.tags, fields.tags),
      })
    },
  }

  /** The caller in the first of their teams that may use everything that is asked for. */
  function placeOf(caller: Principal, call: Pick<LlmCall, 'model' | 'scan'>): Principal {
    const denied = deniedTo(caller, call)
    if (denied === undefined) return caller
    const place = caller.otherTeams?.find((other) => deniedTo(other, call) === undefined)
    if (place !== undefined) return place
    throw modelDenied(denied.list, denied.model, access.statusProfile)
  }

  function deniedTo(
    principal: Principal,
    { model, scan }: Pick<LlmCall, 'model' | 'scan'>,
  ): { model: string; list: ModelList } | undefined {
    if (principal.modelLists.length === 0) return undefined
    const fallbacks = scan.has('fallbacks') ? namesIn(scan.json('fallbacks'), model) : []
    for (const asked of [model, ...fallbacks]) {
      const name = modelOf(principal, asked)
      const list = denyingListOf(principal, name, services)
      if (list !== undefined) return { model: asked, list }
    }
    return undefined
  }

  function charge(
    principal: Principal,
    model: string,
    { endUserId, tags }: CallerFields,
  ): Authorized | Promise<Authorized> {
    const user = endUserId === undefined ? undefined : callers.endUser(endUserId)
    const ofTags = tags.map((tag) => callers.tag(tag))
    const parties =
      endUserId === principal.endUserId && tags === principal.tags
        ? ownParties(principal)
        : partiesOf(principal, endUserId, tags)
    const finish = (endUser: EndUser | undefined, tagLimits: readonly ScopeLimits[]): Authorized => {
      if (endUser?.blocked === true) throw endUserBlocked(endUserId)
      const limits = limitsOf(principal, model, endUser, [...tagLimits, ...ofKeysTags(principal, tags)])
      // What was left of their budgets, and whether they still are, only the database knows.
      if (principal.stale === true && !access.allowWithoutDatabase && limits.some(isHard))
        throw ledgerUnavailable(undefined)
      return { principal: withinRegion(principal, endUser?.allowedRegion), model, parties, limits }
    }
    if (user instanceof Promise || ofTags.some((limits) => limits instanceof Promise))
      return Promise.all([user, Promise.all(ofTags)]).then(([endUser, limits]) => finish(endUser, limits))
    return finish(user, ofTags as readonly ScopeLimits[])
  }
}

/** Of the key's limits by tag those that this request counts for. */
function ofKeysTags({ tagLimits }: Principal, tags: readonly string[]): ScopeLimits[] {
  return tags.flatMap((tag) => (Object.hasOwn(tagLimits, tag) ? (tagLimits[tag] ?? []) : []))
}

/** Both the key and its end user may be bound to a region. @throws 403 where these differ */
function withinRegion(principal: Principal, region: string | undefined): Principal {
  const own = principal.allowedRegion
  if (region === undefined || region === own) return principal
  if (own === undefined) return { ...principal, allowedRegion: region }
  throw createError({
    code: 'permission_denied',
    reason: 'region_not_allowed',
    message:
      `This key may only be served in region '${own}', and its end user only in '${region}', so no deployment may ` +
      `answer. Change allowed_model_region of one of them.`,
  })
}

/** What the key or its team calls a model so. */
function modelOf({ aliases }: Principal, model: string): string {
  return Object.hasOwn(aliases, model) ? (aliases[model] ?? model) : model
}

/** Models in a list of fallbacks: names, and requests that name one. */
function namesIn(fallbacks: unknown, model: string): string[] {
  return (readRequestFallbacks(fallbacks, model) ?? []).map((target) => target.model)
}

function mergeTags(own: readonly string[], given: readonly string[]): readonly string[] {
  if (given.length === 0) return own
  return own.length === 0 ? given : [...new Set([...own, ...given])]
}

function partiesOf(principal: Principal, endUserId: string | undefined, tags: readonly string[]): Parties {
  const { keyHash, keyAlias, userId, teamId, organizationId, agentId } = principal
  return { keyHash, keyAlias, userId, teamId, organizationId, endUserId, agentId, tags }
}

/** Of requests that name nobody else; what is made of them is then made once, too. */
const ownParties = rememberBy((principal: Principal) =>
  partiesOf(principal, principal.endUserId, principal.tags),
)

/** From the widest to the narrowest. The caller's own list is given as it is when nothing is added. */
function limitsOf(
  principal: Principal,
  model: string,
  endUser: EndUser | undefined,
  tags: readonly ScopeLimits[],
): readonly ScopeLimits[] {
  const ofModel = Object.hasOwn(principal.modelLimits, model) ? principal.modelLimits[model] : undefined
  if (endUser === undefined && ofModel === undefined && tags.length === 0) return principal.limits
  const ofUsersModel = endUser?.modelLimits.get(model)
  return [
    ...principal.limits,
    ...tags,
    ...(endUser === undefined ? [] : [endUser.limits]),
    ...(ofModel ?? []),
    ...(ofUsersModel === undefined ? [] : [ofUsersModel]),
  ]
}

function isHard({ budgets }: ScopeLimits): boolean {
  return budgets.some(({ maxPicoUsd }) => maxPicoUsd !== undefined)
}

/** LiteLLM's words. */
function endUserBlocked(id: string | undefined): SwitchyardError {
  return createError({
    code: 'bad_request',
    reason: 'end_user_blocked',
    type: 'auth_error',
    param: 'user',
    message: `User blocked from making LLM API Calls. User=${id}`,
  })
}
