import { createError, formatUsd, isSwitchyardError } from '@switchyard/llm/kit'
import type { AttemptReason, SwitchyardError } from '@switchyard/llm/kit'
import type { Deployment } from '../deployments/deployments.ts'
import type { Services } from '../services.ts'
import type { GatewayAnswer } from './answer.ts'
import { mayBeBilled, readingCost, usageRead } from './attempt-cost.ts'
import type { LlmCall } from './call.ts'
import type { Exchange } from './exchange.ts'
import type { Lifetime } from './lifetime.ts'

/** Asks one deployment once. */
export type Ask = (
  exchange: Exchange,
  call: LlmCall,
  deployment: Deployment,
  lifetime: Lifetime,
  services: Services,
) => GatewayAnswer | Promise<GatewayAnswer>

/**
 * Asks one deployment and writes the attempt down. One that failed where the provider may have worked costs what
 * reading the request costs, and the next is made only where budgets have room for both.
 *
 * @throws what `ask` throws; 429 `budget_exceeded` where no budget has room for another attempt.
 */
export async function attempt(
  ask: Ask,
  exchange: Exchange,
  call: LlmCall,
  deployment: Deployment,
  lifetime: Lifetime,
  services: Services,
  why?: AttemptReason,
): Promise<GatewayAnswer> {
  const { receipt } = exchange
  const extending = receipt.attempts.length === 0 ? undefined : holdForAnother(exchange, services)
  if (extending !== undefined) await extending
  receipt.deployment = deployment
  exchange.calls = undefined
  const startedMs = services.monotonicMs()
  try {
    const answer = await ask(exchange, call, deployment, lifetime, services)
    const ms = services.monotonicMs() - startedMs
    receipt.attempts.push({ deploymentId: deployment.id, group: receipt.group, why, ms })
    if (exchange.isRouteOver === true) services.routing.engine.finish(deployment, {})
    else exchange.answering = { deployment, startedMs, firstMs: ms }
    return answer
  } catch (thrown) {
    if (!isSwitchyardError(thrown)) throw thrown
    const error = lifetime.cause === 'deadline' ? tooLate(thrown) : thrown
    const isEstimated = mayBeBilled(exchange.calls ?? [], error)
    const costPicoUsd = isEstimated
      ? readingCost(usageRead(call.body.length, call.file), deployment, exchange.charge?.admitted.holdPicoUsd)
      : undefined
    receipt.attempts.push({
      deploymentId: deployment.id,
      group: receipt.group,
      why,
      code: error.reason ?? error.code,
      ms: services.monotonicMs() - startedMs,
      ...(isEstimated ? { estimatedPicoUsd: costPicoUsd ?? 0n } : {}),
    })
    if (costPicoUsd !== undefined) receipt.costPicoUsd = (receipt.costPicoUsd ?? 0n) + costPicoUsd
    throw error
  }
}

/** The request's own time was up while a provider was being asked. */
function tooLate({ provider, model }: SwitchyardError): SwitchyardError {
  return createError({
    code: 'timeout',
    reason: 'upstream_timeout',
    message: `${provider ?? 'the provider'}: did not answer within the request's time limit`,
    provider,
    model,
  })
}

/** What was held is enough for one attempt. */
function holdForAnother(exchange: Exchange, { accounts }: Services): Promise<void> | undefined {
  const morePicoUsd = exchange.receipt.attempts.at(-1)?.estimatedPicoUsd ?? 0n
  if (accounts === undefined || exchange.charge === undefined || morePicoUsd === 0n) return undefined
  return Promise.resolve(accounts.counters.extend(exchange.id, morePicoUsd)).then((hasRoom) => {
    if (!hasRoom) throw noRoom(morePicoUsd)
  })
}

function noRoom(spentPicoUsd: bigint): SwitchyardError {
  return createError({
    code: 'budget_exceeded',
    status: 429,
    reason: 'budget_exceeded',
    message:
      `Budget has been exceeded! A provider failed after it may have worked, which is counted as ` +
      `${formatUsd(spentPicoUsd)} USD, and the budget has no room to ask once more.`,
  })
}
