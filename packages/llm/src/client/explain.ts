import type { RouteExplanation } from '../router/index.ts'
import { explainAuto, explainGroup, targetsOf } from '../router/index.ts'
import { autoChoiceOf, noRuleHolds } from './auto-model.ts'
import { choiceOf } from './choice.ts'
import { overCost } from './deployment.ts'
import { groupFor, readAsking } from './routing.ts'
import type { Routing } from './routing.ts'

/** A call as it would be made: `messages`, `tools`, `max_cost`, `tags` … What is left out does not count. */
export interface ExplainParams {
  readonly model: string
  readonly [field: string]: unknown
}

/** Explains calls by the rules that would be held to now. */
export function createExplain(routing: Routing): (params: ExplainParams) => Promise<RouteExplanation> {
  const { engine, rules } = routing
  return async (params) => {
    engine.refresh()
    const asking = readAsking(routing, params)
    const { model, maxPicoUsd, tags, fallbacks: own } = asking
    const explain = (name: string): RouteExplanation => {
      const { group, candidates } = groupFor(routing, name)
      const tooDear = candidates.flatMap((deployment) => {
        const error =
          maxPicoUsd === undefined ? undefined : overCost('completion', params, deployment, maxPicoUsd)
        return error === undefined ? [] : [{ deployment, error }]
      })
      const deployments = tooDear.map(({ deployment }) => deployment)
      return explainGroup(
        {
          model: name,
          group,
          candidates: candidates.filter((one) => !deployments.includes(one)),
          tooDear: { deployments, refusal: tooDear[0]?.error.message },
          choice: choiceOf(params, tags),
          fallbacks:
            params['disable_fallbacks'] === true ? [] : (own ?? targetsOf(rules.fallbacks.general, group)),
        },
        rules,
        { nowMs: engine.nowMs(), random: engine.random },
        (one) => ({ id: one.id, model_name: one.group, model: one.model }),
      )
    }
    const auto = autoChoiceOf(model, params, asking)
    if (auto === undefined) return explain(model)
    return explainAuto(model, auto, noRuleHolds(model, auto.passed).message, rules, explain)
  }
}
