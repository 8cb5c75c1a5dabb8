import { createError } from '../errors.ts'
import type { SwitchyardError } from '../errors.ts'
import type { ChoiceRequest, ChoiceRules, ChoiceWorld, Exclusion, RoutedDeployment } from './choose.ts'
import { choose } from './choose.ts'
import { remainingMs } from './cooldown.ts'
import { untilNextMinute } from './state.ts'

/** Why nobody of a group can be asked, from what the filters say of each deployment. */
export function nobodyAvailable<Deployment extends RoutedDeployment>(
  model: string,
  candidates: readonly Deployment[],
  request: ChoiceRequest,
  rules: ChoiceRules,
  world: ChoiceWorld,
): SwitchyardError {
  const why = new Map<Exclusion, Deployment[]>()
  const budgets: string[] = []
  choose(candidates, request, rules, world, (deployment, exclusion, detail) => {
    if (exclusion === 'over_budget' && detail !== undefined) budgets.push(`${deployment.id}: ${detail}`)
    const others = why.get(exclusion)
    if (others === undefined) why.set(exclusion, [deployment])
    else others.push(deployment)
  })
  const cooling = why.get('cooling_down')
  if (cooling !== undefined) return coolingDown(model, cooling, world.nowMs)
  if (budgets.length > 0) return overBudget(model, budgets)
  const tooSmall = why.get('window_too_small')
  if (tooSmall !== undefined) return tooLong(model, tooSmall, request)
  if (why.has('other_tags')) return wrongTags(model, request)
  if (why.has('no_room') || why.has('busy')) return full(model, untilNextMinute(world.nowMs))
  if (why.has('lacks_capability')) return unable(model, request)
  return createError({
    code: 'service_unavailable',
    reason: 'no_deployment_available',
    message: why.has('unhealthy')
      ? `No deployments available for selected model. Passed model=${model}. Health checks found none that answers.`
      : `No deployments available for selected model. Passed model=${model}. Try again later.`,
  })
}

/** LiteLLM's words and status, and the smallest wait; another one where no waiting helps. */
function coolingDown(model: string, cooling: readonly RoutedDeployment[], nowMs: number): SwitchyardError {
  const waitMs = Math.min(...cooling.map(({ state }) => remainingMs(state, nowMs)))
  const codes = [...new Set(cooling.flatMap(({ state }) => state.cooldown?.code ?? []))]
  const message = `${tryAgainIn(waitMs)} Passed model=${model}. Each of its deployments is left alone for now: ${codes.join(', ')}.`
  const providerStatus = cooling[0]?.state.cooldown?.status
  // Trying again helps only after somebody has acted.
  if (codes.every((code) => code === 'authentication' || code === 'permission_denied'))
    return createError({
      code: 'bad_gateway',
      reason: 'upstream_auth_failed',
      retryable: false,
      message,
      providerStatus,
    })
  const isLimited = codes.every((code) => code === 'rate_limit')
  return createError({
    code: 'rate_limit',
    reason: isLimited ? 'upstream_rate_limited' : 'no_deployment_available',
    retryAfterMs: waitMs,
    message,
    providerStatus: isLimited ? providerStatus : undefined,
  })
}

/** LiteLLM's words, by which its clients know it. */
function tryAgainIn(waitMs: number): string {
  return `No deployments available for selected model, Try again in ${Math.ceil(waitMs / 1000)} seconds.`
}

function tooLong(
  model: string,
  tooSmall: readonly RoutedDeployment[],
  request: ChoiceRequest,
): SwitchyardError {
  const widest = Math.max(...tooSmall.map(({ info }) => info?.()?.maxInputTokens ?? 0))
  return createError({
    code: 'context_window_exceeded',
    message: `The request has about ${request.inputTokens()} tokens; the model '${model}' takes at most ${widest}.`,
  })
}

/** LiteLLM's words and status. */
function wrongTags(model: string, { tags }: ChoiceRequest): SwitchyardError {
  return createError({
    code: 'bad_request',
    status: 401,
    reason: 'tags_not_served',
    message: `Not allowed to access model due to tags configuration. Passed model=${model} and tags=${JSON.stringify(tags)}`,
  })
}

function full(model: string, waitMs: number): SwitchyardError {
  return createError({
    code: 'rate_limit',
    reason: 'deployments_at_limit',
    retryAfterMs: waitMs,
    message: `${tryAgainIn(waitMs)} Passed model=${model}. Each of its deployments has reached its own limit.`,
  })
}

/** LiteLLM's words. */
function overBudget(model: string, budgets: readonly string[]): SwitchyardError {
  return createError({
    code: 'rate_limit',
    reason: 'deployments_over_budget',
    message: `No deployments available - crossed budget. Passed model=${model}. ${budgets.join('; ')}. Raise the budget, or wait for its next period.`,
  })
}

function unable(model: string, { needs }: ChoiceRequest): SwitchyardError {
  return createError({
    code: 'bad_request',
    reason: 'capability_missing',
    message: `No deployment of '${model}' can do what the request needs: ${(needs?.() ?? []).join(', ')}. Ask for another model, or set enable_pre_call_checks to false.`,
  })
}
