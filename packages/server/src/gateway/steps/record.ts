import type { Services } from '../../services.ts'
import type { Exchange } from '../exchange.ts'

/** Writes down what has become of a request: metrics for all, a log line for what failed. */
export function record(exchange: Exchange, services: Services): void {
  const { receipt, shadowOf } = exchange
  const durationMs = services.monotonicMs() - exchange.startedMs
  const place = receipt.deployment?.place
  services.metrics.record({
    // What was kept was of a model that is served.
    group: receipt.deployment?.group ?? (receipt.cache?.hit === true ? (receipt.model ?? '') : ''),
    provider:
      place === undefined
        ? (receipt.cache?.provider ?? '')
        : place.type === 'provider'
          ? place.resolved.provider.id
          : place.type,
    status: receipt.status,
    durationMs,
    inputTokens: receipt.usage?.inputTokens ?? 0,
    outputTokens: receipt.usage?.outputTokens ?? 0,
    costPicoUsd: receipt.costPicoUsd ?? 0n,
    cacheHit: receipt.cache?.hit,
  })
  const { failure } = receipt
  if (failure === undefined) {
    if (services.log.isLevelEnabled('debug'))
      services.log.debug(
        { id: exchange.id, shadowOf, model: receipt.model, status: receipt.status, durationMs },
        'request',
      )
    return
  }
  services.log.warn(
    {
      id: exchange.id,
      shadowOf,
      model: receipt.model,
      status: receipt.status,
      code: failure.reason ?? failure.code,
      provider: failure.provider,
      providerStatus: failure.providerStatus,
      attempts: receipt.attempts,
      durationMs,
    },
    failure.message,
  )
}
