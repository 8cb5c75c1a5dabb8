import { parseJson, sealedIn } from '@switchyard/llm/kit'
import type { Failure, Json } from '@switchyard/llm/kit'
import type { Services } from '../services.ts'
import type { StreamGatewayAnswer, WholeGatewayAnswer } from './answer.ts'
import type { LlmCall } from './call.ts'
import type { Exchange } from './exchange.ts'
import { withoutQuery } from './headers.ts'
import { believableUsage, meter, usageSoFar } from './meter.ts'
import { settle } from './settle.ts'
import type { StreamConverter } from './upstream/stream-converter.ts'

/** Writes down what a whole answer was, and settles. */
export function accountWhole(
  exchange: Exchange,
  call: LlmCall,
  answer: WholeGatewayAnswer,
  services: Services,
): void {
  const { receipt } = exchange
  meter(
    receipt,
    believableUsage(answer.usage, call, () => answer.body.toString()),
    answer.model,
  )
  receipt.status = 200
  receipt.responseId = answer.id
  if (bindsSealed(call, services) && answer.body.includes('"encrypted_content"'))
    receipt.sealed = sealedIn(outputOf(answer.body))
  if (services.accounts?.keepsContent === true) {
    const text = answer.body.toString()
    receipt.content = parseJson(text) ?? text
  }
  receipt.apiBase = withoutQuery(answer.url)
  settle(exchange, services)
}

/** Whether what only its maker can read goes back to its maker. */
function bindsSealed({ route, model }: LlmCall, { routing }: Pick<Services, 'routing'>): boolean {
  return (
    route.operation === 'responses' && routing.affinity.checksOf(model).includes('encrypted_content_affinity')
  )
}

function outputOf(body: Buffer): Json | undefined {
  const answer = parseJson(body.toString())
  return typeof answer === 'object' && answer !== null && 'output' in answer ? answer.output : undefined
}

/** A stream has begun: it is the answer. */
export function openAccount(
  { receipt }: Exchange,
  { url }: StreamGatewayAnswer,
  services: Pick<Services, 'nowMs'>,
): void {
  receipt.status = 200
  receipt.stream = true
  receipt.apiBase = withoutQuery(url)
  receipt.firstByteMs = services.nowMs()
}

/** Writes down what a stream was, and settles; once, before its reader gets the last of it. */
export function accountStream(
  exchange: Exchange,
  call: LlmCall,
  { stream }: StreamGatewayAnswer,
  services: Services,
): void {
  const { receipt } = exchange
  if (receipt.isSettled) return
  const { facts, complete, done } = stream.converter
  const isWhole = (complete || done) && facts.failure === undefined
  const usageOf = isWhole ? believableUsage : usageSoFar
  meter(receipt, usageOf(facts.usage, call, facts.deliveredText), facts.model)
  receipt.responseId = facts.id
  if (bindsSealed(call, services)) receipt.sealed = facts.sealed
  if (services.accounts?.keepsContent === true) receipt.content = facts.deliveredText()
  receipt.failure ??= facts.failure
  settle(exchange, services)
}

/** The request's own time is up in the middle of an answer. */
export function failureOfLate({ done, facts }: StreamConverter): Failure | undefined {
  if (done && facts.failure === undefined) return undefined
  return {
    code: 'timeout',
    status: 504,
    reason: 'upstream_timeout',
    message: 'The request took longer than its time limit; the answer is not complete.',
    retryable: true,
  }
}
