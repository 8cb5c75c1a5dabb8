import type { Usage } from '@switchyard/llm/kit'
import type { Accounts } from '../accounts.ts'
import { UNKNOWN_MODEL } from '../ledger/entry.ts'
import type { OpeningRecord } from '../ledger/entry.ts'
import { promptForLog } from '../ledger/prompts.ts'
import type { Services } from '../services.ts'
import { CALL_TYPES } from './call-types.ts'
import { closingOf, outcomeOf } from './closing.ts'
import type { Outcome } from './closing.ts'
import type { Exchange } from './exchange.ts'
import { metadataOf, promptOf, sessionOf } from './log-metadata.ts'

/**
 * Gives back what was held and writes down what the request cost: once, whoever calls it first. It has to be called
 * before the last byte of an answer goes out, and is in the kernel's hands when it returns. What was refused after
 * its caller was known is written down too, at no cost.
 */
export function settle(exchange: Exchange, services: Services): void {
  const { accounts } = services
  const { receipt, charge, principal } = exchange
  if (receipt.isSettled || principal === undefined) return
  receipt.isSettled = true
  if (accounts === undefined) return
  const nowMs = services.nowMs()
  const outcome = outcomeOf(receipt)
  if (charge === undefined) {
    if (!openRefused(exchange, accounts, nowMs, services)) return
  } else {
    giveBack(exchange, accounts, outcome, nowMs, services)
    services.softBudgets.note(charge.plan.lines.budgets, charge.admitted.budgets, outcome.costPicoUsd)
  }
  accounts.ledger.close(
    closingOf({
      requestId: exchange.id,
      receipt,
      model:
        receipt.model === undefined || receipt.deployment !== undefined
          ? receipt.model
          : nameOf(receipt.model, services),
      outcome,
      startedMs: charge?.opening.atMs ?? nowMs,
      settledMs: nowMs,
      metadata: metadataOf(exchange),
      requesterIp: exchange.request.socket.remoteAddress,
      sessionId: sessionOf(exchange),
      messages: accounts.keepsContent && exchange.call !== undefined ? promptOf(exchange.call) : undefined,
      response: receipt.content === undefined ? undefined : promptForLog(receipt.content),
    }),
  )
}

/** A shared store may take its time: until it has heard, the hold stands, which is the safe side. */
function giveBack(
  { id, receipt }: Exchange,
  { counters, countedTokens }: Accounts,
  { costPicoUsd }: Outcome,
  nowMs: number,
  services: Services,
): void {
  // No provider counted them.
  const isFree = receipt.usage === undefined || receipt.cache?.hit === true
  const tokens = isFree || receipt.usage === undefined ? 0 : tokensOf(receipt.usage, countedTokens)
  const told = counters.settle({ requestId: id, nowMs, costPicoUsd, tokens })
  if (told instanceof Promise)
    told.catch((error: unknown) => {
      services.log.warn(
        { id, error },
        'counters could not be told what a request cost; its hold ends by itself',
      )
    })
}

/** What was read from a provider's cache is not counted, as LiteLLM does not. */
function tokensOf(usage: Usage, counted: Accounts['countedTokens']): number {
  const input = Math.max(0, usage.inputTokens - (usage.cacheReadTokens ?? 0))
  if (counted === 'input') return input
  return counted === 'output' ? usage.outputTokens : input + usage.outputTokens
}

/** One that cost nothing may be missing from the ledger: there is no room for it, and nobody is to fail for that. */
function openRefused(exchange: Exchange, accounts: Accounts, atMs: number, services: Services): boolean {
  try {
    accounts.ledger.open(refusedOpening(exchange, accounts, atMs))
    return true
  } catch (error) {
    services.log.warn({ id: exchange.id, error }, 'a request that was refused could not be written down')
    return false
  }
}

/** Nothing was held, and no scope counts it. */
function refusedOpening(exchange: Exchange, { owner }: Accounts, atMs: number): OpeningRecord {
  const { id, route, call, principal } = exchange
  return {
    type: 'opening',
    requestId: id,
    owner,
    atMs,
    holdPicoUsd: 0n,
    parties: exchange.parties ?? { keyHash: principal?.keyHash ?? '', tags: [] },
    lines: [],
    callType: CALL_TYPES[route.operation],
    endpoint: route.paths[0] ?? '',
    modelGroup: call?.model,
  }
}

/** The model that a request counts for, when no deployment was asked. */
function nameOf(model: string, { deployments }: Services): string {
  return deployments.find(model).length === 0 ? UNKNOWN_MODEL : model
}
