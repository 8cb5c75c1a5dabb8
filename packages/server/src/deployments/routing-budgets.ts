import { formatUsd } from '@switchyard/llm/kit'
import type { RoutingBudget, RoutingBudgetsConfig } from '../config/index.ts'
import type { Deployment } from './deployments.ts'
import type { RoutingSpend, SpendWindow } from './routing-spend.ts'

/** Money that may go to a provider, to a deployment or for a tag: whoever has used it up is not asked. */
export interface RoutingBudgets {
  /** Whose budget stands against asking a deployment, and how much it is; `undefined` where none does. */
  readonly hindrance: (deployment: Deployment, tags: readonly string[]) => string | undefined
  readonly spent: (deployment: Deployment, tags: readonly string[], picoUsd: bigint) => void
}

export interface RoutingBudgetsInput {
  readonly budgets: RoutingBudgetsConfig
  readonly spend: RoutingSpend
  readonly windowAt: (duration: string | undefined, nowMs: number) => SpendWindow
  /** Unix time. */
  readonly nowMs: () => number
}

export function createRoutingBudgets({
  budgets,
  spend,
  windowAt,
  nowMs,
}: RoutingBudgetsInput): RoutingBudgets {
  const { providers, tags: tagBudgets } = budgets
  const isUnused = providers.size + tagBudgets.size === 0

  /** Each budget that a request counts for, by the name of its counter. */
  const eachOf = <Found>(
    deployment: Deployment,
    tags: readonly string[],
    look: (name: string, what: string, budget: RoutingBudget) => Found | undefined,
  ): Found | undefined => {
    const { budget } = deployment.config
    if (budget === undefined && isUnused) return undefined
    const provider = providerOf(deployment)
    const ofProvider = providers.get(provider)
    const found =
      (budget === undefined ? undefined : look(`deployment:${deployment.id}`, 'the deployment', budget)) ??
      (ofProvider === undefined ? undefined : look(`provider:${provider}`, provider, ofProvider))
    if (found !== undefined || tagBudgets.size === 0) return found
    for (const tag of tags) {
      const ofTag = tagBudgets.get(tag)
      const foundAt = ofTag === undefined ? undefined : look(`tag:${tag}`, `the tag ${tag}`, ofTag)
      if (foundAt !== undefined) return foundAt
    }
    return undefined
  }

  return {
    hindrance: (deployment, tags) =>
      eachOf(deployment, tags, (name, what, { maxPicoUsd, duration }) => {
        const spentPicoUsd = spend.of(name, windowAt(duration, nowMs()))
        if (spentPicoUsd < maxPicoUsd) return undefined
        return `${what}: ${formatUsd(spentPicoUsd)} of ${formatUsd(maxPicoUsd)} USD${duration === undefined ? '' : ` in ${duration}`}`
      }),
    spent: (deployment, tags, picoUsd) => {
      if (picoUsd <= 0n) return
      eachOf<never>(deployment, tags, (name, _what, { duration }) => {
        spend.add(name, windowAt(duration, nowMs()), picoUsd)
        return undefined
      })
    },
  }
}

function providerOf({ place }: Deployment): string {
  return place.type === 'provider' ? place.resolved.provider.id : place.type
}
