import { describe, expect, test, vi } from 'vitest'
import { createRoutingBudgets } from '../deployments/routing-budgets.ts'
import { createRoutingSpend } from '../deployments/routing-spend.ts'
import type { ShareSpend } from '../policy/share-spend.ts'
import { windowAt } from '../policy/windows.ts'
import { servicesOf } from './testing/services.ts'

const CENT = 10_000_000_000n
const NOON_MS = Date.UTC(2026, 10, 27, 12)

async function worldOf() {
  const services = await servicesOf(`
model_list:
  - {model_name: chat, litellm_params: {model: openai/a, api_key: k, max_budget: 0.05, budget_duration: 1h}, model_info: {id: a}}
  - {model_name: chat, litellm_params: {model: openai/b, api_key: k}, model_info: {id: b}}
  - {model_name: chat, litellm_params: {model: anthropic/c, api_key: k, max_budget: 0.02}, model_info: {id: c}}
router_settings: {routing_strategy: provider-budget-routing, provider_budget_config: {openai: {budget_limit: 0.1, time_period: 1d}}}
litellm_settings: {tag_budget_config: {batch: {max_budget: 0.03, budget_duration: 1d}}}`)
  const clock = { nowMs: NOON_MS }
  const nowMs = (): number => clock.nowMs
  const budgets = createRoutingBudgets({
    budgets: services.config.routing.budgets,
    spend: createRoutingSpend({ nowMs }),
    windowAt: (duration, atMs) => windowAt(duration, atMs),
    nowMs,
  })
  const of = (id: string) => services.deployments.find('chat').filter((one) => one.id === id)
  const spend = (id: string, cents: number, tags: readonly string[] = []): void => {
    for (const deployment of of(id)) budgets.spent(deployment, tags, BigInt(cents) * CENT)
  }
  const closed = (tags: readonly string[] = []) =>
    Object.fromEntries(
      services.deployments
        .find('chat')
        .flatMap((one) =>
          [budgets.hindrance(one, tags)].flatMap((why) => (why === undefined ? [] : [[one.id, why]])),
        ),
    )
  return { clock, spend, closed }
}

describe('a budget that is used up', () => {
  test.each<[string, [string, number, string[]?][], string[], Record<string, string>]>([
    ['nothing is spent', [], [], {}],
    ['less than all', [['a', 4]], [], {}],
    ['of a deployment', [['a', 5]], [], { a: 'the deployment: 0.05 of 0.05 USD in 1h' }],
    ['for good', [['c', 3]], [], { c: 'the deployment: 0.03 of 0.02 USD' }],
    [
      'of a provider, by all of its deployments',
      [
        ['a', 4],
        ['b', 6],
      ],
      [],
      { a: 'openai: 0.1 of 0.1 USD in 1d', b: 'openai: 0.1 of 0.1 USD in 1d' },
    ],
    ['of a tag, for others', [['b', 3, ['batch']]], ['chat'], {}],
    [
      'of a tag, for its requests',
      [['b', 3, ['batch']]],
      ['batch'],
      Object.fromEntries(['a', 'b', 'c'].map((id) => [id, 'the tag batch: 0.03 of 0.03 USD in 1d'])),
    ],
  ])('%s', async (_name, spent, tags, expected) => {
    const { spend, closed } = await worldOf()
    for (const [id, cents, spentTags] of spent) spend(id, cents, spentTags)
    expect(closed(tags)).toEqual(expected)
  })

  test('is whole again in its next period', async () => {
    const { clock, spend, closed } = await worldOf()
    spend('a', 5)
    clock.nowMs += 3_600_000
    expect(closed()).toEqual({})
  })
})

test('what could not be told is told later, and what others spent counts', async () => {
  let nowMs = 0
  const told: bigint[] = []
  const share = vi.fn<ShareSpend>((unsent) => {
    told.push(...unsent.map(({ picoUsd }) => picoUsd))
    if (told.length === 1) return Promise.reject(new Error('away'))
    return Promise.resolve(new Map(unsent.map(({ key, picoUsd }) => [key, picoUsd + 100n])))
  })
  const spend = createRoutingSpend({ nowMs: () => nowMs, share })
  const window = { id: 'w' }
  const turn = async (): Promise<void> => {
    nowMs += 1_000
    spend.refresh()
    spend.refresh()
    await vi.waitFor(() => expect(share.mock.settledResults.at(-1)?.type).not.toBe('incomplete'))
    await Promise.resolve()
  }
  spend.add('x', window, 7n)
  await turn()
  expect(spend.of('x', window)).toBe(7n)
  spend.add('x', window, 1n)
  await turn()
  expect(spend.of('x', window)).toBe(108n)
  expect(told).toEqual([7n, 8n])
})
