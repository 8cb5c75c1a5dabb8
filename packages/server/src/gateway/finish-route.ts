import type { Services } from '../services.ts'
import type { Exchange } from './exchange.ts'

/** Tells the router how the answer that it found has come to its end: what it took, or that it was broken off. */
export function finishRoute(exchange: Exchange, services: Services): void {
  const { answering, receipt } = exchange
  exchange.isRouteOver = true
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
