import { choose } from './choose.ts'
import type { ChoiceRequest, ChoiceWorld, Exclusion, RoutedDeployment } from './choose.ts'
import { choiceRulesOf } from './rules.ts'
import type { RouterRules } from './rules.ts'
import { nobodyAvailable } from './unavailable.ts'

/** Which deployment of a group a request would be sent to, and why to none of the others. */
export interface ExplainedChoice<Deployment> {
  readonly chosen: Deployment | undefined
  readonly strategy: string
  /** In the order in which they were left out. */
  readonly others: readonly LeftOut<Deployment>[]
  /** What the client would hear where nobody is chosen. */
  readonly refusal?: string | undefined
}

export interface LeftOut<Deployment> {
  readonly deployment: Deployment
  readonly why: Exclusion
  readonly detail?: string | undefined
}

/** Chooses as `route` does, changes nothing, and keeps what each filter says. */
export function explainChoice<Deployment extends RoutedDeployment>(
  group: string,
  candidates: readonly Deployment[],
  request: ChoiceRequest,
  rules: RouterRules,
  world: ChoiceWorld,
): ExplainedChoice<Deployment> {
  const choosing = choiceRulesOf(rules, group)
  const others: LeftOut<Deployment>[] = []
  const chosen = choose(candidates, request, choosing, world, (deployment, why, detail) =>
    others.push({ deployment, why, detail }),
  )
  const strategy = choosing.strategy.id
  if (chosen !== undefined) return { chosen, strategy, others }
  const { message: refusal } = nobodyAvailable(group, candidates, request, choosing, world)
  return { chosen, strategy, others, refusal }
}
