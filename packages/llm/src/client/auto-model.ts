import { createError } from '../errors.ts'
import type { SwitchyardError } from '../errors.ts'
import { explainChoice, firstOf } from '../router/index.ts'
import type { AutoFacts, PassedRule, RouterEngine, RouterRules } from '../router/index.ts'
import { choiceOf } from './choice.ts'
import type { CallDeployment } from './deployment.ts'
import { inputTokensOf, mostPicoUsd, outputTokensOf } from './estimate.ts'

type Params = Readonly<Record<string, unknown>>

/** Whom a name may stand for, and by which rules. */
export interface AutoContext {
  readonly find: (model: string) => readonly CallDeployment[]
  readonly engine: Pick<RouterEngine, 'nowMs' | 'random'>
  readonly rules: RouterRules
  readonly tags: readonly string[]
  readonly maxPicoUsd: bigint | undefined
}

/** What an answer is taken to be long, where the call does not say. */
const SHORT_ANSWER_TOKENS = 1_024

/** The models that a name may stand for in a call, best first, and the rules that do not hold. */
export interface AutoChoice {
  readonly models: readonly string[]
  readonly passed: readonly PassedRule[]
}

/** What stands behind the name of an auto group for a call; `undefined` for the name of anything else. */
export function autoChoiceOf(name: string, params: Params, context: AutoContext): AutoChoice | undefined {
  const { find, engine, rules, tags } = context
  const autoRules = rules.autoGroups.get(name)
  if (autoRules === undefined) return undefined
  const choice = choiceOf(params, tags)
  const strict: RouterRules = { ...rules, choice: { ...rules.choice, preCallChecks: true } }
  const facts: AutoFacts = {
    tags,
    inputTokens: choice.inputTokens,
    needs: () => choice.needs?.() ?? [],
    costOf: (model) => dearest(find(model), params),
    hindrance: (model) => {
      const candidates = find(model)
      if (candidates.length === 0) return `no model group '${model}'`
      const world = { nowMs: engine.nowMs(), random: engine.random }
      return explainChoice(model, candidates, choice, strict, world).refusal
    },
  }
  return firstOf(autoRules, facts)
}

/**
 * The model group to ask: of an auto group the one of its first rule that holds and that `max_cost` reaches; else what
 * was named.
 *
 * @throws `bad_request` where no rule holds; `service_unavailable` where one would, but nobody can answer.
 */
export function autoModel(name: string, params: Params, context: AutoContext): string {
  const { find, maxPicoUsd } = context
  const auto = autoChoiceOf(name, params, context)
  if (auto === undefined) return name
  const { models, passed } = auto
  const within = models.find((model) => maxPicoUsd === undefined || reaches(find(model), params, maxPicoUsd))
  // Where the money reaches nobody, the cheapest of them says so.
  const found = within ?? models.at(-1)
  if (found === undefined) throw noRuleHolds(name, passed)
  return found
}

/** No rule leads to a model. */
export function noRuleHolds(name: string, passed: readonly PassedRule[]): SwitchyardError {
  const reasons = passed.map(
    ({ model, why, detail }) => `${model}: ${why}${detail === undefined ? '' : ` (${detail})`}`,
  )
  return createError({
    code: passed.some(({ why }) => why === 'unavailable') ? 'service_unavailable' : 'bad_request',
    reason: 'no_rule_holds',
    message: `Router: no rule of '${name}' leads to a model for this call. ${reasons.join('; ')}. Name a model, or add a rule without conditions to auto_groups.`,
    model: name,
    param: 'model',
  })
}

function costAt({ rates }: CallDeployment, params: Params): bigint | undefined {
  const price = rates()
  if (price === undefined) return undefined
  return mostPicoUsd(price, inputTokensOf(params), outputTokensOf(params) ?? SHORT_ANSWER_TOKENS)
}

function dearest(candidates: readonly CallDeployment[], params: Params): bigint | undefined {
  let most: bigint | undefined
  for (const candidate of candidates) {
    const cost = costAt(candidate, params)
    if (cost === undefined) return undefined
    if (most === undefined || cost > most) most = cost
  }
  return most
}

function reaches(candidates: readonly CallDeployment[], params: Params, maxPicoUsd: bigint): boolean {
  return candidates.some((candidate) => {
    const cost = costAt(candidate, params)
    return cost !== undefined && cost <= maxPicoUsd
  })
}
