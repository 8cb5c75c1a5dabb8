import { cost, estimateTokens, textOfRequest } from '@switchyard/llm/kit'
import type { Usage } from '@switchyard/llm/kit'
import type { Deployment } from '../deployments/deployments.ts'
import type { LlmCall } from './call.ts'
import type { Receipt } from './exchange.ts'
import { isConversation } from './routes/routes.ts'

/** Tokens that no answer has; a provider that reports more, or less than none, is not believed. */
const ABSURD_TOKENS = 1_000_000_000

/** The usage that counts: the provider's where it is credible, else our own estimate. */
export function believableUsage(usage: Usage | undefined, call: LlmCall, delivered: () => string): Usage {
  if (usage !== undefined && isBelievable(usage)) return usage
  const outputTokens = isConversation(call.route) ? estimateTokens(delivered()) : 0
  return { inputTokens: estimateInput(call), outputTokens, source: 'estimated' }
}

/**
 * The usage of an answer that did not come to its end. What a provider tells at the beginning (Anthropic does) counts
 * the output of that moment, so what was delivered counts where it is more.
 */
export function usageSoFar(usage: Usage | undefined, call: LlmCall, delivered: () => string): Usage {
  const known = believableUsage(usage, call, delivered)
  if (known.source === 'estimated') return known
  const outputTokens = estimateTokens(delivered())
  if (outputTokens <= known.outputTokens) return known
  const { totalTokens: _, ...rest } = known
  return { ...rest, outputTokens, source: 'estimated' }
}

function isBelievable({ inputTokens, outputTokens, searchUnits = 0, audioMs = 0 }: Usage): boolean {
  const isCount = (tokens: number): boolean => tokens >= 0 && tokens <= ABSURD_TOKENS
  const counts = [inputTokens, outputTokens, searchUnits, audioMs]
  return counts.every(isCount) && counts.some((count) => count > 0)
}

/** Tokens of the request by its text; of one that is no conversation by its size. */
function estimateInput(call: LlmCall): number {
  if (!isConversation(call.route)) return Math.ceil(call.body.length / 4)
  return estimateTokens(textOfRequest(call.chatRequest()))
}

/** What a usage costs at a deployment, in pico-USD; `undefined` when no price is known. */
function priceUsage(usage: Usage, deployment: Deployment, model: string | undefined): bigint | undefined {
  const rates = deployment.ratesFor(model)
  return rates === undefined ? undefined : cost(usage, rates).totalPicoUsd
}

/**
 * Writes usage and cost into the receipt; attempts that failed have theirs in it already. What was kept costs nothing.
 */
export function meter(receipt: Receipt, usage: Usage, model: string | undefined): void {
  receipt.usage = usage
  receipt.servedModel = model
  const { deployment, cache, costPicoUsd: before } = receipt
  if (cache?.hit === true) {
    receipt.costPicoUsd = before ?? 0n
    return
  }
  const price = deployment === undefined ? undefined : priceUsage(usage, deployment, model)
  receipt.costPicoUsd = price === undefined || before === undefined ? (price ?? before) : before + price
}
