import { paidOutputTokens, priceCall } from './call-price.ts'
import type { CallPrice, CallSize, PricedModel } from './call-price.ts'
import type { Admission, AdmissionResult, Counters } from './counters.ts'
import type { ScopeLimits } from './limits.ts'
import { linesOf } from './lines.ts'
import type { Lines } from './lines.ts'
import type { Windows } from './windows.ts'

/** Everything that decides whether a request may go on. */
export interface AdmissionRequest extends Pick<
  Admission,
  'requestId' | 'owner' | 'nowMs' | 'leaseMs' | 'rule'
> {
  /** Of all scopes that it belongs to, the limits for its model among them. */
  readonly limits: readonly ScopeLimits[]
  readonly windows: Windows
  readonly call: CallSize
  /** Every deployment that may answer. */
  readonly models: readonly PricedModel[]
  /** Whether another model may stand in that costs something. Asked only where these cost nothing. */
  readonly mayCostElsewhere?: (() => boolean) | undefined
  /** Input as it will probably be, for limits on tokens, which are corrected later; left out: a quarter of the most. */
  readonly likelyInputTokens?: number | undefined
  /** The ledger's opening record as JSON. */
  readonly opening: (lines: Lines['ledger']) => string
}

export interface PlannedAdmission {
  readonly admission: Admission
  readonly lines: Lines
  readonly price: CallPrice
}

/** From limits and a call to what the counters are asked. Pure. */
export function planAdmission(request: AdmissionRequest): PlannedAdmission {
  const { requestId, owner, nowMs, leaseMs, limits, windows, call, models } = request
  const price = priceCall(call, models)
  const { maxTokens } = call
  const tokens = {
    inputTokens: request.likelyInputTokens ?? Math.ceil(call.inputTokens / BYTES_PER_TOKEN),
    maxOutputTokens: maxTokens === undefined ? undefined : maxTokens * price.answers,
  }
  const lines = linesOf(limits, { nowMs, windows, tokens })
  const admission = {
    requestId,
    owner,
    nowMs,
    leaseMs,
    // What nobody can price goes on only while something is left.
    rule: price.state === 'unknown' ? 'postpaid' : request.rule,
    hold: price.hold,
    budgets: price.state === 'free' && request.mayCostElsewhere?.() !== true ? [] : lines.budgets,
    rates: lines.rates,
    parallels: lines.parallels,
    opening: () => request.opening(lines.ledger),
  } as const
  return { admission, lines, price }
}

/** Of English text. */
const BYTES_PER_TOKEN = 4
/** Input is counted exactly where the tightest budget is less than so many times what would be held. */
const TIGHT = 100n

export interface Decision {
  readonly plan: PlannedAdmission
  readonly result: AdmissionResult
  /** The bound to send to the provider, so that the hold is true; left out: none. */
  readonly maxTokens?: number | undefined
}

/**
 * Asks the counters. The size of the body is bound enough where budgets are large; where one is tight, or has no
 * room for the bound, the input is counted.
 *
 * @param countInput The most input tokens, exactly. Asked for at most once.
 * @throws `CountersUnavailable`
 */
export function decide(
  counters: Pick<Counters, 'admit'>,
  request: AdmissionRequest,
  countInput?: () => number | Promise<number>,
): Decision | Promise<Decision> {
  const plan = planAdmission(request)
  if (plan.price.state === 'free' && plan.admission.budgets.length > 0)
    return decideFree(counters, plan, request)
  if (countInput === undefined || !mayGain(plan)) return ask(counters, plan)
  if (isTight(plan)) return recount(counters, request, countInput)
  const decision = ask(counters, plan)
  const orRecount = (first: Decision): Decision | Promise<Decision> =>
    !first.result.admitted && first.result.line.type === 'budget'
      ? recount(counters, request, countInput)
      : first
  return decision instanceof Promise ? decision.then(orRecount) : orRecount(decision)
}

/** What costs nothing is never refused for money: without room it only has no others that stand in for it. */
function decideFree(
  counters: Pick<Counters, 'admit'>,
  plan: PlannedAdmission,
  request: AdmissionRequest,
): Decision | Promise<Decision> {
  const decision = ask(counters, plan)
  const orAlone = (first: Decision): Decision | Promise<Decision> =>
    !first.result.admitted && first.result.line.type === 'budget'
      ? ask(counters, planAdmission({ ...request, mayCostElsewhere: undefined }))
      : first
  return decision instanceof Promise ? decision.then(orAlone) : orAlone(decision)
}

function ask(counters: Pick<Counters, 'admit'>, plan: PlannedAdmission): Decision | Promise<Decision> {
  const result = counters.admit(plan.admission)
  return result instanceof Promise ? result.then((told) => decisionOf(plan, told)) : decisionOf(plan, result)
}

function decisionOf(plan: PlannedAdmission, result: AdmissionResult): Decision {
  const isBound = result.admitted && plan.admission.rule === 'reserve' && plan.admission.budgets.length > 0
  return { plan, result, maxTokens: isBound ? paidOutputTokens(plan.price, result.holdPicoUsd) : undefined }
}

async function recount(
  counters: Pick<Counters, 'admit'>,
  request: AdmissionRequest,
  countInput: () => number | Promise<number>,
): Promise<Decision> {
  const counted = await countInput()
  const inputTokens = Math.min(counted, request.call.inputTokens)
  const call = { ...request.call, inputTokens }
  return await ask(counters, planAdmission({ ...request, call, likelyInputTokens: inputTokens }))
}

/** Whether counting could change anything: some budget is limited, and the input costs something. */
function mayGain({ admission: { budgets }, price: { quotes } }: PlannedAdmission): boolean {
  return (
    budgets.some(({ maxPicoUsd }) => maxPicoUsd !== undefined) &&
    quotes.some(({ inputPicoUsd }) => inputPicoUsd > 0n)
  )
}

function isTight({ admission: { budgets, hold } }: PlannedAdmission): boolean {
  return budgets.some(({ maxPicoUsd }) => maxPicoUsd !== undefined && maxPicoUsd < TIGHT * hold.leastPicoUsd)
}
