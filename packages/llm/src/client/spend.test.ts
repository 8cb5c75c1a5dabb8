import { afterEach, describe, expect, test } from 'vitest'
import { BudgetManager } from '../budget/budget-manager.ts'
import { memoryStorage } from '../budget/storage.ts'
import { createClient } from './client.ts'
import { currentCost } from './purse.ts'
import { configure } from './settings.ts'
import { scripted } from './testing/scripted.ts'

const hello = {
  model: 'openai/gpt-4o-mini',
  api_key: 'k',
  max_tokens: 10,
  messages: [{ role: 'user' as const, content: 'Hello' }],
}
/** What one call of the script costs: 10 tokens in, 5 out. */
const costs = 0.0000045

describe('max_budget', () => {
  afterEach(() => configure({ max_budget: undefined, budget_manager: undefined }))

  test('refuses, before anybody is asked, what could pass it', async () => {
    const { world, asked } = scripted(() => 'Hi')
    const client = createClient({ ...world, max_budget: 0.00001 })
    await client.completion(hello)
    await expect(client.completion(hello)).rejects.toMatchObject({
      name: 'BudgetExceededError',
      code: 'budget_exceeded',
      param: 'max_budget',
      message: expect.stringMatching(/\$0\.00001, \$0\.0000045 is spent.*may cost/),
    })
    expect([asked.length, client.currentCost()]).toEqual([1, costs])
  })

  test('counts calls that are under way: of a hundred at once only those that it pays for', async () => {
    const { world, asked } = scripted(() => 'Hi')
    const client = createClient({ ...world, max_budget: 0.00005 })
    const results = await Promise.allSettled(Array.from({ length: 100 }, () => client.completion(hello)))
    const paid = results.filter(({ status }) => status === 'fulfilled').length
    expect(paid).toBe(asked.length)
    expect(paid).toBeGreaterThan(4)
    expect(client.currentCost()).toBeLessThanOrEqual(0.00005)
  })

  test('what fails costs nothing and gives back what was set aside', async () => {
    const { world, asked } = scripted((_, attempt) => (attempt < 5 ? { status: 500 } : 'Hi'))
    const client = createClient({ ...world, max_budget: 0.00001 })
    for (let call = 0; call < 5; call++) await client.completion(hello).catch(() => undefined)
    await client.completion(hello)
    expect([asked.length, client.currentCost()]).toEqual([6, costs])
  })

  test('a stream is paid when it has been read', async () => {
    const { world } = scripted(() => ({ stream: ['Hi'] }))
    const client = createClient({ ...world, max_budget: 1 })
    const stream = await client.completion({ ...hello, stream: true })
    expect(client.currentCost()).toBe(0)
    for await (const _ of stream);
    expect(client.currentCost()).toBe(costs)
  })

  test('an unknown price is refused where there is a budget', async () => {
    const { world, asked } = scripted(() => 'Hi')
    const client = createClient({ ...world, max_budget: 1 })
    await expect(client.completion({ ...hello, model: 'openai/of-tomorrow' })).rejects.toMatchObject({
      code: 'unknown_price',
    })
    expect(asked).toEqual([])
  })

  test('of the process holds for every client', async () => {
    const { world } = scripted(() => 'Hi')
    const before = currentCost()
    await createClient(world).completion(hello)
    expect(currentCost()).toBeCloseTo(before + costs, 12)
    configure({ max_budget: currentCost() })
    await expect(createClient(world).completion(hello)).rejects.toMatchObject({ code: 'budget_exceeded' })
  })

  test.each([0, -1, 'much'])('%s is refused', async (max_budget) => {
    const { world } = scripted(() => 'Hi')
    await expect(createClient({ ...world, max_budget }).completion(hello)).rejects.toThrow(
      `max_budget is '${max_budget}'`,
    )
  })
})

describe('budget_manager', () => {
  test('holds a user to a budget and charges it; others are free', async () => {
    const { world, asked } = scripted(() => 'Hi')
    const budget_manager = new BudgetManager({ storage: memoryStorage() })
    await budget_manager.createBudget({ user: 'ada', total_budget: 0.00001 })
    const client = createClient({ ...world, budget_manager })
    await client.completion({ ...hello, user: 'ada' })
    await client.flush()
    expect([await budget_manager.getCurrentCost('ada'), await budget_manager.getModelCost('ada')]).toEqual([
      costs,
      { 'gpt-4o-mini': costs },
    ])
    await expect(client.completion({ ...hello, user: 'ada' })).rejects.toThrow(
      "Budget of user 'ada' has been exceeded",
    )
    await client.completion({ ...hello, user: 'bob' })
    await client.completion(hello)
    expect(asked).toHaveLength(3)
  })

  test('at once, too', async () => {
    const { world } = scripted(() => 'Hi')
    const budget_manager = new BudgetManager({ storage: memoryStorage() })
    await budget_manager.createBudget({ user: 'ada', total_budget: 0.00005 })
    const client = createClient({ ...world, budget_manager })
    await Promise.allSettled(Array.from({ length: 50 }, () => client.completion({ ...hello, user: 'ada' })))
    await client.flush()
    expect(await budget_manager.getCurrentCost('ada')).toBeLessThanOrEqual(0.00005)
    expect(await budget_manager.getCurrentCost('ada')).toBeGreaterThan(0)
  })

  test('a storage that fails breaks no call and is told', async () => {
    const { world } = scripted(() => 'Hi')
    let broken = false
    const storage = {
      load: async () => undefined,
      save: async () => {
        if (broken) throw new Error('disk full')
      },
    }
    const budget_manager = new BudgetManager({ storage })
    await budget_manager.createBudget({ user: 'ada', total_budget: 1 })
    broken = true
    const errors: string[] = []
    const client = createClient({
      ...world,
      budget_manager,
      onCallbackError: (error, name) => void errors.push(`${name}: ${String(error)}`),
    })
    await client.completion({ ...hello, user: 'ada' })
    await client.flush()
    expect(errors).toEqual(['budget_manager: Error: disk full'])
    expect(await budget_manager.getCurrentCost('ada')).toBe(costs)
  })
})

describe('limit', () => {
  test('calls wait their turn, and a stream keeps its place until it has been read', async () => {
    const { world, asked } = scripted(() => ({ stream: ['Hi'] }))
    const client = createClient({ ...world, limit: { concurrency: 1 } })
    const first = await client.completion({ ...hello, stream: true })
    const second = client.completion({ ...hello, stream: true })
    await Promise.resolve()
    expect(asked).toHaveLength(1)
    for await (const _ of first);
    for await (const _ of await second);
    expect(asked).toHaveLength(2)
  })

  test('by the minute, and whoever leaves the queue hears so', async () => {
    const { world, asked, slept } = scripted(() => 'Hi')
    const client = createClient({ ...world, limit: { rpm: 2 } })
    await Promise.all([client.completion(hello), client.completion(hello), client.completion(hello)])
    expect([asked.length, slept]).toEqual([3, [60_000]])
    const busy = createClient({ ...world, sleep: () => new Promise(() => undefined), limit: { rpm: 1 } })
    await busy.completion(hello)
    const controller = new AbortController()
    const waiting = busy.completion({ ...hello, signal: controller.signal })
    setTimeout(() => controller.abort(), 0)
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' })
  })
})
