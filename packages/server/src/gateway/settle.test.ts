import { createError } from '@switchyard/llm/kit'
import type { Usage } from '@switchyard/llm/kit'
import { expect, test } from 'vitest'
import type { Accounts } from '../accounts.ts'
import { MASTER } from '../auth/fixed-principals.ts'
import type { LedgerRecord } from '../ledger/entry.ts'
import { createSoftBudgets } from '../policy/soft-budgets.ts'
import type { Services } from '../services.ts'
import type { Settlement } from '../policy/counters.ts'
import type { Exchange } from './exchange.ts'
import { settle } from './settle.ts'
import { admit } from './steps/admit.ts'
import { accountsOf, budgetOf } from './testing/accounts.ts'
import { callOf, chatBody, exchangeOf, servicesOf } from './testing/services.ts'

const without = await servicesOf(`
model_list:
  - model_name: gpt
    litellm_params: {model: openai/own, api_key: x, input_cost_per_token: 0.000001, output_cost_per_token: 0.000001}
`)
const usage: Usage = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 4, source: 'provider' }

interface Stage {
  readonly exchange: Exchange
  readonly records: LedgerRecord[]
  readonly told: Settlement[]
  readonly end: () => void
}

/** A request that was admitted, with all that is said of its end. */
async function stageOf(
  parts: Partial<Accounts> = {},
  budgetPicoUsd = 1_000_000_000n,
  own: Partial<Services> = {},
): Promise<Stage> {
  const told: Settlement[] = []
  const made = accountsOf(parts)
  const { counters } = made.accounts
  const accounts = {
    ...made.accounts,
    counters: { ...counters, settle: (settlement: Settlement) => void told.push(settlement) },
  }
  const services = { ...without, accounts, ...own }
  const deployments = without.deployments.find('gpt')
  const call = callOf(chatBody({ max_tokens: 5, metadata: { a: 1 } }))
  const exchange: Exchange = { ...exchangeOf(), principal: MASTER, call }
  exchange.receipt.deployment = deployments[0]
  const charged = {
    parties: { keyHash: 'k', tags: [] },
    limits: [
      budgetOf(budgetPicoUsd, {
        budgets: [{ maxPicoUsd: budgetPicoUsd, softPicoUsd: 15_000_000n }],
        tpm: 100_000,
      }),
    ],
  }
  await admit(exchange, call, charged, deployments, services)
  return { exchange, records: made.records, told, end: () => settle(exchange, services) }
}

test.each<[Accounts['countedTokens'], number]>([
  ['total', 11],
  ['input', 6],
  ['output', 5],
])('an answer is settled once; of its tokens count %s', async (countedTokens, tokens) => {
  const { exchange, records, told, end } = await stageOf({ countedTokens })
  Object.assign(exchange.receipt, { usage, costPicoUsd: 15_000_000n, status: 200 })
  end()
  end()
  expect(told).toEqual([{ requestId: 'call-1', nowMs: without.nowMs(), costPicoUsd: 15_000_000n, tokens }])
  expect(records.map(({ type }) => type)).toEqual(['opening', 'closing'])
  expect(records[1]).toMatchObject({
    requestId: 'call-1',
    state: 'settled',
    costPicoUsd: 15_000_000n,
    log: { status: 'success', metadata: { requester_metadata: { a: 1 } }, messages: undefined },
  })
})

test('attempts that may have cost are charged with the answer', async () => {
  const { exchange, records, told, end } = await stageOf()
  exchange.receipt.attempts.push(
    { deploymentId: 'd', code: 'timeout', ms: 1, estimatedPicoUsd: 9_000_000n },
    { deploymentId: 'e', ms: 1 },
  )
  Object.assign(exchange.receipt, { usage, costPicoUsd: 24_000_000n, status: 200 })
  end()
  expect(told).toMatchObject([{ costPicoUsd: 24_000_000n }])
  expect(records[1]).toMatchObject({
    state: 'estimated',
    costPicoUsd: 24_000_000n,
    log: { attempts: [{ costPicoUsd: 9_000_000n, estimated: true }, { costPicoUsd: 15_000_000n }] },
  })
})

test('a soft budget that the request passes is told of', async () => {
  const passed: object[] = []
  const { exchange, end } = await stageOf({}, undefined, {
    softBudgets: createSoftBudgets((one) => void passed.push(one)),
  })
  Object.assign(exchange.receipt, { usage, costPicoUsd: 15_000_000n, status: 200 })
  end()
  expect(passed).toMatchObject([{ spentPicoUsd: 15_000_000n, softPicoUsd: 15_000_000n }])
})

test('prompts are kept where that is asked for', async () => {
  const { exchange, records, end } = await stageOf({ keepsContent: true })
  exchange.receipt.content = { text: 'Hi' }
  end()
  expect(records[1]).toMatchObject({
    log: { messages: '[{"role":"user","content":"Hello"}]', response: '{"text":"Hi"}' },
  })
})

test('who was refused is written down at no cost', () => {
  const { accounts, records } = accountsOf()
  const exchange: Exchange = { ...exchangeOf(), principal: MASTER }
  exchange.receipt.failure = createError({ code: 'rate_limit', message: 'no' }).toFailure()
  settle(exchange, { ...without, accounts })
  expect(records).toMatchObject([
    { type: 'opening', holdPicoUsd: 0n, lines: [], parties: { keyHash: 'master' } },
    { type: 'closing', state: 'released', costPicoUsd: 0n },
  ])
})

test.each([
  ['gpt', 'gpt'],
  ['anything', 'unknown-model'],
])('a refused request for %s counts for %s', (model, expected) => {
  const { accounts, records } = accountsOf()
  const call = callOf(chatBody({ model }))
  const exchange: Exchange = { ...exchangeOf(), principal: MASTER, call }
  exchange.receipt.model = model
  exchange.receipt.failure = createError({ code: 'permission_denied', message: 'no' }).toFailure()
  settle(exchange, { ...without, accounts })
  expect(records).toMatchObject([{ modelGroup: model }, { log: { model: expected } }])
})

test('who nobody knows is not', () => {
  const { accounts, records } = accountsOf()
  settle(exchangeOf(), { ...without, accounts })
  expect(records).toEqual([])
})

test('a refusal for which the disk has no room is left out', () => {
  const full = createError({ code: 'service_unavailable', reason: 'storage_full', message: 'full' })
  const closed: unknown[] = []
  const ledger: Accounts['ledger'] = {
    open: () => {
      throw full
    },
    close: (record) => void closed.push(record),
  }
  settle({ ...exchangeOf(), principal: MASTER }, { ...without, accounts: accountsOf({ ledger }).accounts })
  expect(closed).toEqual([])
})
