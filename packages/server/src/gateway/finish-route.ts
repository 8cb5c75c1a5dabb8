import type { Failure } from '@switchyard/llm/kit'
import type { Deployment } from '../deployments/deployments.ts'
import type { Services } from '../services.ts'
import { affinityKeys, responseKey, sealedKey } from './affinity-keys.ts'
import { loggedAttempts } from './closing.ts'
import type { Exchange } from './exchange.ts'

/** Tells the router how the answer that it found has come to its end: what it took, or that it was broken off. */
export function finishRoute(exchange: Exchange, services: Services): void {
  const { answering, receipt } = exchange
  exchange.isRouteOver = true
  countSpend(exchange, services)
  if (answering === undefined) return
  exchange.answering = undefined
  const { engine, rules } = services.routing
  const { deployment, startedMs, firstMs } = answering
  const { failure, usage, stream } = receipt
  if (failure?.provider !== undefined) {
    const groupSize = services.deployments.find(deployment.group).length
    engine.fail(deployment, { error: failure, groupSize, afterAnswer: true }, rules.cooldowns)
  }
  const isComplete = failure === undefined && receipt.status === 200 && usage !== undefined
  if (isComplete) rememberAnswer(exchange, deployment, services)
  engine.finish(
    deployment,
    isComplete
      ? {
          durationMs: stream ? services.monotonicMs() - startedMs : firstMs,
          firstTokenMs: stream ? firstMs : undefined,
          outputTokens: usage.outputTokens,
          totalTokens: usage.inputTokens + usage.outputTokens,
        }
      : {},
  )
}

/** What belongs together goes to the same deployment, where the configuration says so. */
function rememberAnswer(
  exchange: Exchange,
  { id }: Pick<Deployment, 'id'>,
  { routing: { affinity } }: Services,
): void {
  const { call, receipt } = exchange
  if (call === undefined) return
  const checks = affinity.checksOf(call.model)
  if (checks.length === 0) return
  for (const key of affinityKeys(exchange, call, affinity)) affinity.remember(key, id)
  if (receipt.responseId !== undefined && checks.includes('responses_api_deployment_check'))
    affinity.remember(responseKey(receipt.responseId), id)
  for (const sealed of receipt.sealed ?? []) affinity.remember(sealedKey(sealed), id)
}

/** What each attempt has cost counts for the budgets of its deployment. */
function countSpend({ receipt, parties }: Exchange, { routing, deployments }: Services): void {
  routing.spend.refresh()
  if (receipt.costPicoUsd === undefined || receipt.costPicoUsd === 0n) return
  for (const { deploymentId, costPicoUsd } of loggedAttempts(receipt, receipt.costPicoUsd)) {
    const deployment =
      receipt.deployment?.id === deploymentId ? receipt.deployment : deployments.byId(deploymentId)
    if (deployment !== undefined) routing.budgets.spent(deployment, parties?.tags ?? [], costPicoUsd)
  }
}

/** Tells the router that an answer was broken off, while somebody else is to go on with it. */
export function breakOff(exchange: Exchange, failure: Failure, services: Services): void {
  const { answering } = exchange
  if (answering === undefined) return
  exchange.answering = undefined
  const { engine, rules } = services.routing
  const { deployment } = answering
  const groupSize = services.deployments.find(deployment.group).length
  engine.fail(deployment, { error: failure, groupSize, afterAnswer: true }, rules.cooldowns)
  engine.finish(deployment, {})
}
