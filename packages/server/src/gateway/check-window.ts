import { createError, estimateTokens, textOfRequest } from '@switchyard/llm/kit'
import type { Deployment } from '../deployments/deployments.ts'
import type { Services } from '../services.ts'
import type { LlmCall } from './call.ts'
import type { Exchange } from './exchange.ts'
import { isConversation } from './routes/routes.ts'
import { hasFallback } from './route-rules.ts'

/** Bodies up to here fit every model; each token takes a byte at least. */
const SMALL_BODY_BYTES = 4_096
/** An estimate is within about a fifth; what lies this far beyond a window is surely too long. */
const SURELY = 1.25

/**
 * The deployments whose context window can hold the request. Only what is surely too long is left out: the
 * rest is for the provider to judge. All of them, where none can but another model may.
 *
 * @throws 400 `context_length_exceeded` when none can, and no other model stands in for it.
 */
export function fittingDeployments(
  exchange: Exchange,
  call: LlmCall,
  candidates: readonly Deployment[],
  services: Services,
): readonly Deployment[] {
  if (call.body.length <= SMALL_BODY_BYTES || !isConversation(call.route)) return candidates
  let tokens: number | undefined
  let widest = 0
  const nowMs = services.monotonicMs()
  const fitting = candidates.filter((deployment) => {
    const window = deployment.info(nowMs)?.maxInputTokens
    if (window === undefined || call.body.length <= window) return true
    widest = Math.max(widest, window)
    tokens ??= estimateTokens(textOfRequest(call.chatRequest()))
    return tokens <= window * SURELY
  })
  if (fitting.length > 0) return fitting
  const failure = createError({
    code: 'context_window_exceeded',
    param: call.scan.has('messages') ? 'messages' : undefined,
    message: `The request has about ${tokens} tokens; the model '${call.model}' takes at most ${widest}.`,
  })
  if (hasFallback(failure, exchange, call, services)) return candidates
  throw failure
}
