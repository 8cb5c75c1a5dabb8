import { createError, isSwitchyardError, TransportError } from '@switchyard/llm/kit'
import { expect, test } from 'vitest'
import type { Accounts } from '../accounts.ts'
import { MASTER } from '../auth/fixed-principals.ts'
import { attempt } from './attempt.ts'
import type { Ask } from './attempt.ts'
import type { Exchange } from './exchange.ts'
import { followLifetime } from './lifetime.ts'
import { admit } from './steps/admit.ts'
import { askDeployment } from './steps/dispatch.ts'
import { accountsOf, budgetOf } from './testing/accounts.ts'
import { callOf, chatBody, exchangeOf, FakeUpstream, servicesOf } from './testing/services.ts'
import type { FakeCall } from './testing/services.ts'

const OPTIONS = 'api_key: x, input_cost_per_token: 0.000001, output_cost_per_token: 0.000001'
const TIMEOUT = new TransportError('first_byte_timeout', 'http://one')

interface Stage {
  readonly exchange: Exchange
  /** Asks once more, and tells the code of the failure. */
  readonly ask: (behave: (call: FakeCall) => void) => Promise<string>
  readonly upstream: FakeUpstream
  readonly accounts: Accounts
  readonly inputPicoUsd: bigint
}

async function stageOf(budgetPicoUsd: bigint): Promise<Stage> {
  let behave: (call: FakeCall) => void = () => {}
  const upstream = new FakeUpstream((call) => behave(call))
  const { accounts } = accountsOf()
  const services = await servicesOf(
    `model_list: [{model_name: gpt, litellm_params: {model: openai/own, ${OPTIONS}}}]`,
    { upstream, accounts },
  )
  const candidates = services.deployments.find('gpt')
  const [deployment] = candidates
  if (deployment === undefined) throw new Error('there is no deployment')
  const call = callOf(chatBody({ max_tokens: 5 }))
  const exchange: Exchange = { ...exchangeOf(), principal: MASTER, call }
  const charged = { parties: { keyHash: 'k', tags: [] }, limits: [budgetOf(budgetPicoUsd)] }
  await admit(exchange, call, charged, candidates, services)
  const lifetime = followLifetime(exchange.response, 60_000, () => 0)
  return {
    exchange,
    upstream,
    accounts,
    inputPicoUsd: BigInt(Math.ceil(call.body.length / 4)) * 1_000_000n,
    ask: (next) => {
      behave = next
      return attempt(askDeployment, exchange, call, deployment, lifetime, services).then(
        () => 'answered',
        (error: unknown) => (isSwitchyardError(error) ? error.code : String(error)),
      )
    },
  }
}

const held = async ({ accounts, exchange }: Stage): Promise<bigint | undefined> => {
  const [state] = await accounts.counters.read(exchange.charge?.plan.admission.budgets ?? [])
  return state?.reservedPicoUsd
}

test('an attempt that may have cost is written down with an estimate, one that did not without', async () => {
  const { exchange, ask, inputPicoUsd } = await stageOf(1_000_000_000_000n)
  expect(await ask((call) => call.answer(503, '{}'))).toBe('service_unavailable')
  expect(await ask((call) => call.fail(TIMEOUT))).toBe('timeout')
  expect(await ask((call) => call.answer(200, 'nonsense'))).toBe('invalid_response')
  expect(exchange.receipt).toMatchObject({
    costPicoUsd: 2n * inputPicoUsd,
    attempts: [
      { code: 'service_unavailable' },
      { code: 'upstream_timeout', estimatedPicoUsd: inputPicoUsd },
      { code: 'upstream_invalid_response', estimatedPicoUsd: inputPicoUsd },
    ],
  })
  expect(exchange.receipt.attempts[0]).not.toHaveProperty('estimatedPicoUsd')
})

test('what an earlier attempt is taken to have cost is held before the next', async () => {
  const stage = await stageOf(1_000_000_000_000n)
  const before = (await held(stage)) ?? 0n
  await stage.ask((call) => call.fail(TIMEOUT))
  expect(await held(stage)).toBe(before)
  await stage.ask((call) => call.fail(TIMEOUT))
  expect(await held(stage)).toBe(before + stage.inputPicoUsd)
})

test('where no budget has room for both, nobody is asked once more', async () => {
  const { exchange, ask, upstream } = await stageOf(30_000_000n)
  await ask((call) => call.fail(TIMEOUT))
  expect(await ask((call) => call.answer(200, 'unasked'))).toBe('budget_exceeded')
  expect(upstream.calls).toHaveLength(1)
  expect(exchange.receipt.attempts).toHaveLength(1)
})

test('what is not a failure of the call is no attempt', async () => {
  const services = await servicesOf(
    `model_list: [{model_name: gpt, litellm_params: {model: openai/own, ${OPTIONS}}}]`,
  )
  const [deployment] = services.deployments.find('gpt')
  if (deployment === undefined) throw new Error('there is no deployment')
  const exchange = exchangeOf()
  const lifetime = followLifetime(exchange.response, 60_000, () => 0)
  const asking = (ask: Ask) =>
    attempt(ask, exchange, callOf(chatBody()), deployment, lifetime, services).catch(String)
  expect(await asking(() => Promise.reject(new TypeError('a bug')))).toBe('TypeError: a bug')
  expect(exchange.receipt.attempts).toEqual([])
  await asking(() => Promise.reject(createError({ code: 'authentication', message: 'no key' })))
  expect(exchange.receipt.attempts).toMatchObject([{ deploymentId: deployment.id, code: 'authentication' }])
})
