import type { Entered, FallbackTarget, JsonObject } from '@switchyard/llm/kit'
import type { Deployment } from '../deployments/deployments.ts'
import { paidOutputTokens, priceCall } from '../policy/call-price.ts'
import type { CallPrice } from '../policy/call-price.ts'
import type { Services } from '../services.ts'
import { readCall } from './call.ts'
import type { LlmCall } from './call.ts'
import { sizeOf } from './call-size.ts'
import { choiceOf } from './choice.ts'
import type { Exchange } from './exchange.ts'
import { boundAnswer, withinMaxCost } from './max-cost.ts'
import { denyingListOf, servedTo } from './model-access.ts'
import { pricedModel } from './priced-model.ts'

/** What is sent to a fallback, and to whom. */
export interface FallbackEntry {
  readonly call: LlmCall
  readonly entered: Entered<Deployment>
}

/**
 * Makes a fallback ready: its caller may use it, somebody serves it, and what it can cost is held. Where budgets have
 * no room for it, it is skipped as if nobody served it.
 */
export async function enterFallback(
  exchange: Exchange,
  call: LlmCall,
  target: FallbackTarget,
  services: Services,
): Promise<FallbackEntry> {
  const { principal } = exchange
  const skip = (skipped: string): FallbackEntry => ({ call, entered: { skipped } })
  const { model, params } = target
  const found = services.deployments.find(model)
  const served = principal === undefined ? found : servedTo(principal, found)
  if (served.length === 0) return skip('nobody serves it')
  if (principal !== undefined && denyingListOf(principal, model, services) !== undefined)
    return skip('the caller may not use it')
  const asked = params === undefined ? call : callWith(exchange, call, model, params)
  const { candidates, boundTokens } = await withinMaxCost(asked, served)
  if (candidates.length === 0) return skip('it costs more than max_cost')
  const held = await holdFor(exchange, asked, candidates, services)
  if (!held) return skip('no budget has room for it')
  boundAnswer(exchange, asked, boundTokens)
  return { call: asked, entered: { candidates, choice: choiceOf(exchange, asked, services) } }
}

/** Fields that decide what kind of answer the client waits for: those stay. */
const FIXED_FIELDS: ReadonlySet<string> = new Set(['model', 'stream', 'stream_options'])

/** The same call with fields that are others for this fallback. */
function callWith(exchange: Exchange, call: LlmCall, model: string, params: JsonObject): LlmCall {
  const body = JSON.parse(call.body.toString()) as JsonObject
  for (const [name, value] of Object.entries(params)) if (!FIXED_FIELDS.has(name)) body[name] = value
  const bytes = Buffer.from(JSON.stringify(body))
  const changed = readCall(exchange.route, exchange.params, exchange.request.headers, bytes, call.file)
  changed.model = call.model === changed.model ? model : changed.model
  return changed
}

/**
 * Holds what the fallback can cost beyond what is held already: the most, else less, and then its answer is bound
 * to be as long as was held for.
 */
async function holdFor(
  exchange: Exchange,
  call: LlmCall,
  candidates: readonly Deployment[],
  { accounts }: Services,
): Promise<boolean> {
  const { charge } = exchange
  if (accounts === undefined || charge === undefined) return true
  const price = priceCall(sizeOf(call), candidates.map(pricedModel))
  if (price.state !== 'known') return true
  // Where the first model costs nothing no budget was asked, so none can be asked for more.
  if (charge.plan.price.state === 'free' && charge.plan.admission.budgets.length === 0)
    return charge.plan.lines.budgets.length === 0
  const held = charge.admitted.holdPicoUsd
  for (const picoUsd of stepsOf(price)) {
    const more = picoUsd - held
    const hasRoom = more <= 0n || (await accounts.counters.extend(exchange.id, more))
    if (!hasRoom) continue
    const holdPicoUsd = more > 0n ? picoUsd : held
    exchange.charge = { ...charge, admitted: { ...charge.admitted, holdPicoUsd } }
    call.boundTokens =
      charge.plan.admission.rule === 'reserve' ? paidOutputTokens(price, holdPicoUsd) : undefined
    return true
  }
  return false
}

/** From the most to the least. */
function stepsOf({ hold }: CallPrice): readonly bigint[] {
  return [...new Set([hold.wantedPicoUsd, hold.floorPicoUsd, hold.leastPicoUsd])]
}
