import type { PassedRule } from './auto.ts'
import type { ChoiceRequest, ChoiceWorld, Exclusion, RoutedDeployment } from './choose.ts'
import { explainChoice } from './explain.ts'
import type { FallbackTarget } from './fallback.ts'
import type { RouterRules } from './rules.ts'

/** Where a request would go, and why nowhere else: as `POST /utils/route` and `Router.explain()` tell it. */
export interface RouteExplanation {
  /** As the request names it. */
  readonly model: string
  readonly routing_strategy: string
  readonly chosen: ExplainedDeployment | null
  readonly others: readonly ExcludedDeployment[]
  /** Whom the router would ask after a failure. */
  readonly fallbacks: readonly string[]
  /** What the caller would hear now. */
  readonly refusal?: string | undefined
  /** Where the name stands for one of several models: which, and why not those of other rules. */
  readonly auto?: ExplainedAuto | undefined
}

export interface ExplainedAuto {
  readonly models: readonly string[]
  readonly passed: readonly PassedRule[]
}

export interface ExplainedDeployment {
  readonly id: string
  readonly model_name: string
  /** The model string with its provider. */
  readonly model: string
}

export interface ExcludedDeployment extends ExplainedDeployment {
  readonly why: Exclusion | 'over_max_cost'
  readonly detail?: string | undefined
}

/** A request for one model group, as far as explaining looks at it. */
export interface ExplainedRequest<Deployment> {
  readonly model: string
  /** Under which rules for the model are looked up. */
  readonly group: string
  readonly candidates: readonly Deployment[]
  /** Those that its `max_cost` does not reach, and what it would hear where it reaches nobody. */
  readonly tooDear?:
    | { readonly deployments: readonly Deployment[]; readonly refusal: string | undefined }
    | undefined
  readonly choice: ChoiceRequest
  readonly fallbacks: readonly FallbackTarget[]
}

/** Explains a request that names a model group. */
export function explainGroup<Deployment extends RoutedDeployment>(
  { model, group, candidates, tooDear, choice, fallbacks }: ExplainedRequest<Deployment>,
  rules: RouterRules,
  world: ChoiceWorld,
  describe: (deployment: Deployment) => ExplainedDeployment,
): RouteExplanation {
  const { chosen, others, strategy, refusal } = explainChoice(group, candidates, choice, rules, world)
  return {
    model,
    routing_strategy: strategy,
    chosen: chosen === undefined ? null : describe(chosen),
    others: [
      ...(tooDear?.deployments ?? []).map((one): ExcludedDeployment => ({
        ...describe(one),
        why: 'over_max_cost',
      })),
      ...others.map(({ deployment, why, detail }) => ({ ...describe(deployment), why, detail })),
    ],
    fallbacks: fallbacks.map((target) => target.model),
    refusal: candidates.length === 0 && tooDear !== undefined ? tooDear.refusal : refusal,
  }
}

/** Explains a request that names one of several models: by those of its rules, until one would answer. */
export async function explainAuto(
  name: string,
  auto: ExplainedAuto,
  refusal: string,
  rules: RouterRules,
  explain: (model: string) => RouteExplanation | Promise<RouteExplanation>,
): Promise<RouteExplanation> {
  let found: RouteExplanation = {
    model: name,
    routing_strategy: rules.choice.strategy.id,
    chosen: null,
    others: [],
    fallbacks: [],
    refusal,
  }
  for (const model of auto.models) {
    found = await explain(model)
    if (found.chosen !== null) break
  }
  return { ...found, auto }
}
