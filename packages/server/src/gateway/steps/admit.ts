import type { Accounts } from '../../accounts.ts'
import type { Deployment } from '../../deployments/deployments.ts'
import type { OpeningRecord, Parties } from '../../ledger/entry.ts'
import { decide } from '../../policy/admission.ts'
import type { AdmissionRequest, Decision } from '../../policy/admission.ts'
import { CountersUnavailable } from '../../policy/counters.ts'
import type { ScopeLimits } from '../../policy/limits.ts'
import { ledgerUnavailable, refusalOf } from '../../policy/refusal.ts'
import type { Services } from '../../services.ts'
import type { LlmCall } from '../call.ts'
import { countInputOf, isCountable } from '../count-input.ts'
import { CALL_TYPES } from '../call-types.ts'
import { sizeOf } from '../call-size.ts'
import type { Exchange } from '../exchange.ts'
import { pricedModel } from '../priced-model.ts'
import { mayCostElsewhere } from '../route-rules.ts'

/** Whom a request is charged to, and what they may spend. */
export interface Charged {
  readonly parties: Parties
  readonly limits: readonly ScopeLimits[]
}

/**
 * Takes what the request may use in every scope that it belongs to, or nothing: requests, tokens, calls at once
 * and the most money it can cost. From here on it is settled, however it ends.
 *
 * @throws 429 `budget_exceeded` or `rate_limit_exceeded`; 503 when nobody can tell what is left; 507 `storage_full`.
 */
export function admit(
  exchange: Exchange,
  call: LlmCall,
  charged: Charged,
  candidates: readonly Deployment[],
  services: Services,
): void | Promise<void> {
  const { accounts } = services
  if (accounts === undefined) return
  const request = admissionOf(exchange, call, charged, candidates, accounts, services)
  const model = candidates[0]?.config.model ?? call.model
  const countInput = isCountable(call) ? (): Promise<number> => countInputOf(call, model) : undefined
  const take = (decision: Decision): void => keep(exchange, call, charged, decision, request, services)
  let decision: Decision | Promise<Decision>
  try {
    decision = decide(accounts.counters, request, countInput)
  } catch (error) {
    throw unavailable(error)
  }
  if (!(decision instanceof Promise)) return take(decision)
  return decision.then(take, (error: unknown) => {
    throw unavailable(error)
  })
}

function admissionOf(
  exchange: Exchange,
  call: LlmCall,
  { parties, limits }: Charged,
  candidates: readonly Deployment[],
  accounts: Accounts,
  services: Services,
): AdmissionRequest {
  const nowMs = services.nowMs()
  const { owner, leaseMs, rule, windows } = accounts
  return {
    requestId: exchange.id,
    owner,
    nowMs,
    leaseMs,
    rule,
    limits,
    windows,
    call: sizeOf(call),
    models: candidates.map(pricedModel),
    mayCostElsewhere: () => mayCostElsewhere(exchange, call, services),
    opening: (lines) => {
      const record = openingOf(exchange, call, parties, accounts, nowMs)
      return JSON.stringify({ ...record, lines, holdPicoUsd: undefined })
    },
  }
}

function openingOf(
  exchange: Exchange,
  call: LlmCall,
  parties: Parties,
  { owner }: Accounts,
  atMs: number,
): Omit<OpeningRecord, 'lines' | 'holdPicoUsd'> {
  return {
    type: 'opening',
    requestId: exchange.id,
    owner,
    atMs,
    parties,
    callType: CALL_TYPES[call.route.operation],
    endpoint: exchange.route.paths[0] ?? '',
    modelGroup: call.model,
  }
}

/** Keeps what was taken, and writes down that the request is under way before anybody is asked. */
function keep(
  exchange: Exchange,
  call: LlmCall,
  { parties }: Charged,
  { plan, result, maxTokens }: Decision,
  { nowMs }: AdmissionRequest,
  services: Services,
): void {
  const { accounts } = services
  if (accounts === undefined) return
  if (!result.admitted) {
    // Another instance may have opened the window while this request waited for its turn.
    const at = { nowMs: services.nowMs(), statuses: services.config.access.statusProfile }
    const refusal = refusalOf(plan, result, at)
    exchange.refusalHeaders = refusal.headers
    throw refusal.error
  }
  const opening: OpeningRecord = {
    ...openingOf(exchange, call, parties, accounts, nowMs),
    holdPicoUsd: result.holdPicoUsd,
    lines: plan.lines.ledger,
  }
  try {
    accounts.ledger.open(opening)
  } catch (error) {
    void accounts.counters.settle({ requestId: exchange.id, nowMs, costPicoUsd: 0n })
    throw error
  }
  exchange.charge = { opening, plan, admitted: result, boundTokens: maxTokens }
  call.boundTokens = maxTokens
}

function unavailable(error: unknown): unknown {
  return error instanceof CountersUnavailable ? ledgerUnavailable(error) : error
}
