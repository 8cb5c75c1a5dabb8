import type { ClosingRecord, EntryState, LoggedAttempt, RequestLog } from '../ledger/entry.ts'
import type { Receipt } from './exchange.ts'

/** What the end of a request says about its money. */
export interface Outcome {
  readonly state: EntryState
  readonly costPicoUsd: bigint
}

/**
 * What a request costs in the end. What was answered costs what its usage says; what a provider may have worked on
 * before it failed or was left is estimated by its input; what nobody worked on costs nothing.
 */
export function outcomeOf(receipt: Receipt, inputCostPicoUsd: () => bigint): Outcome {
  const { usage, costPicoUsd, failure, attempts } = receipt
  if (usage !== undefined)
    return {
      state: usage.source === 'provider' ? 'settled' : 'estimated',
      costPicoUsd: costPicoUsd ?? 0n,
    }
  const last = attempts.at(-1)
  if (last === undefined || failure === undefined || !MAY_HAVE_WORKED.has(failure.code))
    return { state: 'released', costPicoUsd: 0n }
  return { state: 'estimated', costPicoUsd: inputCostPicoUsd() }
}

/** The provider got the whole request, and nobody knows what it made of it. */
const MAY_HAVE_WORKED: ReadonlySet<string> = new Set([
  'timeout',
  'aborted',
  'invalid_response',
  'stream_interrupted',
])

interface ClosingInput {
  readonly requestId: string
  readonly receipt: Receipt
  readonly outcome: Outcome
  readonly startedMs: number
  readonly settledMs: number
  readonly metadata: Readonly<Record<string, unknown>>
  readonly requesterIp?: string | undefined
  readonly sessionId?: string | undefined
  readonly messages?: string | undefined
  readonly response?: string | undefined
}

/** The ledger's record of a request that is over. */
export function closingOf(input: ClosingInput): ClosingRecord {
  const { requestId, receipt, outcome, startedMs, settledMs } = input
  const { usage, deployment, failure } = receipt
  const place = deployment?.place
  const log: RequestLog = {
    responseId: receipt.responseId,
    status: failure === undefined && receipt.status < 400 ? 'success' : 'failure',
    statusCode: receipt.status,
    startedMs,
    firstByteMs: receipt.firstByteMs,
    model: receipt.servedModel ?? deployment?.config.model ?? askedModel(receipt),
    deploymentId: deployment?.id,
    provider:
      place === undefined ? undefined : place.type === 'provider' ? place.resolved.provider.id : place.type,
    apiBase: receipt.apiBase,
    inputTokens: usage?.inputTokens ?? 0,
    outputTokens: usage?.outputTokens ?? 0,
    cacheReadTokens: usage?.cacheReadTokens ?? 0,
    cacheWriteTokens: usage?.cacheWriteTokens ?? 0,
    usageSource: usage?.source,
    cacheHit: false,
    requesterIp: input.requesterIp,
    sessionId: input.sessionId,
    attempts: loggedAttempts(receipt, outcome.costPicoUsd),
    metadata: input.metadata,
    messages: input.messages,
    response: input.response,
  }
  return { type: 'closing', requestId, settledMs, ...outcome, log }
}

/** A name that nobody serves may be anything: sums of days by model would never end. LiteLLM's word for it. */
function askedModel({ model, failure }: Receipt): string | undefined {
  return failure?.reason === 'model_not_found' ? 'unknown-model' : model
}

/** All of the cost is the last attempt's: the ones before it failed. */
function loggedAttempts({ attempts }: Receipt, costPicoUsd: bigint): LoggedAttempt[] {
  return attempts.map((attempt, index) => ({
    ...attempt,
    costPicoUsd: index === attempts.length - 1 ? costPicoUsd : 0n,
  }))
}
