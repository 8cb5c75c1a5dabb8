import { createError, isSwitchyardError } from '@switchyard/llm/kit'
import { describe, expect, test } from 'vitest'
import type { Accounts } from '../../accounts.ts'
import { CountersUnavailable } from '../../policy/counters.ts'
import type { ScopeLimits } from '../../policy/limits.ts'
import type { Exchange } from '../exchange.ts'
import { accountsOf, budgetOf } from '../testing/accounts.ts'
import { callOf, chatBody, exchangeOf, servicesOf } from '../testing/services.ts'
import { admit } from './admit.ts'

/** A token of output costs 100 pico-USD, input nothing. */
const yaml = `
model_list:
  - model_name: gpt
    litellm_params: {model: openai/own, api_key: x, input_cost_per_token: 0, output_cost_per_token: 0.0000000001}
`
const without = await servicesOf(yaml)
const parties = { keyHash: 'k', tags: [] }

async function admitted(
  limits: readonly ScopeLimits[],
  fields: object,
  accounts: Accounts | undefined,
  exchange: Exchange = exchangeOf(),
): Promise<Exchange & { boundTokens: number | undefined }> {
  const call = callOf(chatBody(fields))
  const services = { ...without, accounts }
  await admit(exchange, call, { parties, limits }, without.deployments.find('gpt'), services)
  return { ...exchange, boundTokens: call.boundTokens }
}

async function refusalOf(given: Promise<unknown>): Promise<object> {
  try {
    await given
  } catch (error) {
    if (isSwitchyardError(error)) return { status: error.status, reason: error.reason }
    throw error
  }
  throw new Error('it was admitted')
}

test('nobody is charged where there are no accounts', async () => {
  expect(await admitted([budgetOf(0n)], {}, undefined)).not.toHaveProperty('charge')
})

test.each<[string, bigint, object, bigint, number | undefined]>([
  ['the client’s own bound', 1_000_000n, { max_tokens: 5 }, 500n, undefined],
  ['all answers that it asks for', 1_000_000n, { max_tokens: 5, n: 3 }, 1_500n, undefined],
  ['what is left, and no more may be asked for', 5_000n, {}, 5_000n, 50],
  ['the most that the model says, where that is little', 1_000_000_000n, {}, 1_638_400n, undefined],
])('held is %s', async (_name, budget, fields, hold, bound) => {
  const { accounts, records } = accountsOf()
  const exchange = await admitted([budgetOf(budget)], fields, accounts)
  expect(exchange.charge).toMatchObject({ admitted: { holdPicoUsd: hold }, boundTokens: bound })
  expect(exchange.boundTokens).toBe(bound)
  expect(records).toEqual([
    {
      type: 'opening',
      requestId: 'call-1',
      owner: 'test',
      atMs: without.nowMs(),
      holdPicoUsd: hold,
      parties,
      lines: [['key:k', 'all']],
      callType: 'acompletion',
      endpoint: '/chat/completions',
      modelGroup: 'gpt',
    },
  ])
})

describe('a request', () => {
  test.each<[string, ScopeLimits, object]>([
    ['that the budget does not pay for', budgetOf(499n), { status: 429, reason: 'budget_exceeded' }],
    ['of a key without money', budgetOf(0n), { status: 429, reason: 'budget_exceeded' }],
    ['too many in a minute', { ...budgetOf(1_000n), rpm: 0 }, { status: 429 }],
    ['too many at once', { ...budgetOf(1_000n), maxParallelRequests: 0 }, { status: 429 }],
  ])('%s is refused, and nothing is held', async (_name, limits, expected) => {
    const { accounts, records } = accountsOf()
    const exchange = exchangeOf()
    expect(await refusalOf(admitted([limits], { max_tokens: 5 }, accounts, exchange))).toMatchObject(expected)
    expect(exchange.charge).toBeUndefined()
    expect(exchange.refusalHeaders).toBeDefined()
    expect(records).toEqual([])
    const [state] = await accounts.counters.read([{ scope: { kind: 'key', id: 'k' }, windowId: 'all' }])
    expect(state?.reservedPicoUsd).toBe(0n)
  })

  test('whose opening cannot be written is refused and holds nothing', async () => {
    const full = createError({ code: 'service_unavailable', reason: 'storage_full', message: 'full' })
    const ledger = {
      open: () => {
        throw full
      },
      close: () => undefined,
    }
    const { accounts } = accountsOf({ ledger })
    const given = admitted([budgetOf(1_000n)], { max_tokens: 5 }, accounts)
    expect(await refusalOf(given)).toMatchObject({ reason: 'storage_full' })
    const [state] = await accounts.counters.read([{ scope: { kind: 'key', id: 'k' }, windowId: 'all' }])
    expect(state).toEqual({ settledPicoUsd: 0n, reservedPicoUsd: 0n })
  })

  test.each<[string, () => never | Promise<never>]>([
    [
      'at once',
      () => {
        throw new CountersUnavailable('away', { wasAsked: false })
      },
    ],
    ['later', () => Promise.reject(new CountersUnavailable('away', { wasAsked: true }))],
  ])('is refused when nobody can tell what is left (%s)', async (_name, fails) => {
    const { counters } = accountsOf().accounts
    const { accounts } = accountsOf({ counters: { ...counters, admit: fails } })
    const given = admitted([budgetOf(1_000n)], { max_tokens: 5 }, accounts)
    expect(await refusalOf(given)).toEqual({ status: 503, reason: 'ledger_unavailable' })
  })
})
