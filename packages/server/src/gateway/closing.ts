import type { ClosingRecord, EntryState, LoggedAttempt, RequestLog } from '../ledger/entry.ts'
import type { Receipt } from './exchange.ts'

/** What the end of a request says about its money. */
export interface Outcome {
  readonly state: EntryState
  readonly costPicoUsd: bigint
}

/**
 * What a request costs in the end: all its attempts together. What was answered costs what its usage says; what a
 * provider may have worked on before it failed or was left is estimated; what nobody worked on costs nothing.
 */
export function outcomeOf({ usage, costPicoUsd = 0n, attempts }: Receipt): Outcome {
  const hasEstimate = attempts.some(({ estimatedPicoUsd }) => estimatedPicoUsd !== undefined)
  if (hasEstimate || usage?.source === 'estimated') return { state: 'estimated', costPicoUsd }
  return { state: usage === undefined ? 'released' : 'settled', costPicoUsd }
}

interface ClosingInput {
  readonly requestId: string
  readonly receipt: Receipt
  /** As it was asked for, where somebody serves it. */
  readonly model?: string | undefined
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
    model: receipt.servedModel ?? deployment?.config.model ?? input.model,
    deploymentId: deployment?.id,
    provider:
      place === undefined
        ? receipt.cache?.provider
        : place.type === 'provider'
          ? place.resolved.provider.id
          : place.type,
    apiBase: receipt.apiBase,
    inputTokens: usage?.inputTokens ?? 0,
    outputTokens: usage?.outputTokens ?? 0,
    cacheReadTokens: usage?.cacheReadTokens ?? 0,
    cacheWriteTokens: usage?.cacheWriteTokens ?? 0,
    usageSource: usage?.source,
    cacheHit: receipt.cache?.hit === true,
    requesterIp: input.requesterIp,
    sessionId: input.sessionId,
    attempts: loggedAttempts(receipt, outcome.costPicoUsd),
    metadata: input.metadata,
    messages: input.messages,
    response: input.response,
  }
  return { type: 'closing', requestId, settledMs, ...outcome, log }
}

/** What attempts that failed are taken to have cost, and the rest for the one that answered. */
export function loggedAttempts({ attempts, usage }: Receipt, costPicoUsd: bigint): LoggedAttempt[] {
  const failedPicoUsd = attempts.reduce((sum, { estimatedPicoUsd = 0n }) => sum + estimatedPicoUsd, 0n)
  return attempts.map(({ estimatedPicoUsd, ...attempt }) => {
    if (estimatedPicoUsd !== undefined) return { ...attempt, costPicoUsd: estimatedPicoUsd, estimated: true }
    if (attempt.code !== undefined) return { ...attempt, costPicoUsd: 0n }
    const rest = { ...attempt, costPicoUsd: costPicoUsd - failedPicoUsd }
    return usage?.source === 'estimated' ? { ...rest, estimated: true } : rest
  })
}
