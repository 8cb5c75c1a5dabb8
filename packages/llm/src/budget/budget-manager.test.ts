import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BudgetManager } from './budget-manager.ts'
import { readDuration, windowStart } from './duration.ts'
import { fileStorage, memoryStorage } from './storage.ts'

const day = 86_400_000
const answer = (prompt: number, completion: number) => ({
  model: 'gpt-4o-mini',
  usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
})

describe('counting', () => {
  const manager = () => new BudgetManager({ storage: memoryStorage(), nowMs: () => 0 })

  test('what a user has, has spent, and on which model', async () => {
    const budgets = manager()
    await budgets.createBudget({ total_budget: 10, user: 'ada' })
    expect(await budgets.updateCost({ user: 'ada', completion_obj: answer(1_000_000, 0) })).toBe(0.15)
    await budgets.updateCost({ user: 'ada', model: 'gpt-4o', input_text: '', output_text: 'Hello' })
    expect(await budgets.getTotalBudget('ada')).toBe(10)
    expect(await budgets.getModelCost('ada')).toEqual({ 'gpt-4o-mini': 0.15, 'gpt-4o': 0.00001 })
    expect(await budgets.getCurrentCost('ada')).toBe(0.15001)
    expect(await budgets.leftPicoUsd('ada')).toBe(9_849_990_000_000n)
  })

  test('stays exact where floats would not', async () => {
    const budgets = manager()
    await budgets.createBudget({ total_budget: '0.3', user: 'ada' })
    for (let call = 0; call < 3; call++) await budgets.chargePicoUsd('ada', 'm', 100_000_000_000n)
    expect([await budgets.getCurrentCost('ada'), await budgets.leftPicoUsd('ada')]).toEqual([0.3, 0n])
  })

  test('what a question would come to', async () => {
    const budgets = manager()
    await budgets.createBudget({ total_budget: 1, user: 'ada' })
    await budgets.chargePicoUsd('ada', 'm', 1_000_000_000n)
    const messages = [{ role: 'user', content: 'Hello' }]
    // 8 tokens of 0.15 USD per million.
    expect(await budgets.projectedCost({ model: 'gpt-4o-mini', messages, user: 'ada' })).toBe(0.0010012)
  })

  test('who has a budget', async () => {
    const budgets = manager()
    await budgets.createBudget({ total_budget: 1, user: 'ada' })
    expect([
      await budgets.isValidUser('ada'),
      await budgets.isValidUser('bob'),
      await budgets.getUsers(),
    ]).toEqual([true, false, ['ada']])
    await expect(budgets.getCurrentCost('bob')).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining("'bob' has no budget"),
    })
    expect(await budgets.leftPicoUsd('bob')).toBeUndefined()
  })

  test('a new budget keeps what was spent; resetCost forgets it', async () => {
    const budgets = manager()
    await budgets.createBudget({ total_budget: 1, user: 'ada' })
    await budgets.chargePicoUsd('ada', 'm', 1n)
    await budgets.createBudget({ total_budget: 2, user: 'ada' })
    expect(await budgets.leftPicoUsd('ada')).toBe(1_999_999_999_999n)
    await budgets.resetCost('ada')
    expect([await budgets.getCurrentCost('ada'), await budgets.getModelCost('ada')]).toEqual([0, {}])
  })

  test.each([
    [{ total_budget: -1, user: 'a' }, /total_budget is '-1'/],
    [{ total_budget: 'much', user: 'a' }, /total_budget is 'much'/],
    [{ total_budget: 1, user: 'a', duration: 'fortnightly' }, /'fortnightly' is no duration/],
  ])('%j is refused', async (budget, message) => {
    await expect(manager().createBudget(budget)).rejects.toThrow(message)
  })

  test('a model without a price is never free', async () => {
    const budgets = manager()
    await budgets.createBudget({ total_budget: 1, user: 'ada' })
    await expect(
      budgets.updateCost({ user: 'ada', completion_obj: { ...answer(1, 1), model: 'of-tomorrow' } }),
    ).rejects.toMatchObject({ code: 'unknown_price' })
  })
})

describe('beginning anew', () => {
  test('by itself, when its time is over', async () => {
    let now = 0
    const budgets = new BudgetManager({ storage: memoryStorage(), nowMs: () => now })
    await budgets.createBudget({ total_budget: 1, user: 'ada', duration: 'daily' })
    await budgets.chargePicoUsd('ada', 'm', 1_000_000n)
    now = day - 1
    expect([await budgets.resetOnDuration('ada'), await budgets.getCurrentCost('ada')]).toEqual([
      false,
      0.000001,
    ])
    now = 3 * day + 5
    expect([
      await budgets.resetOnDuration('ada'),
      await budgets.getCurrentCost('ada'),
      await budgets.resetOnDuration('ada'),
    ]).toEqual([true, 0, false])
  })

  const at = (text: string): number => Date.parse(`${text}Z`)
  test.each([
    ['daily', '2026-01-01T10:00', '2026-01-03T09:59', '2026-01-02T10:00'],
    ['30d', '2026-01-01T00:00', '2026-03-02T00:00', '2026-03-02T00:00'],
    ['monthly', '2026-01-31T08:00', '2026-02-28T07:59', '2026-01-31T08:00'],
    ['monthly', '2026-01-31T08:00', '2026-03-01T00:00', '2026-02-28T08:00'],
    ['1mo', '2026-01-31T08:00', '2026-03-31T08:00', '2026-03-31T08:00'],
    ['yearly', '2024-02-29T00:00', '2026-02-28T00:00', '2026-02-28T00:00'],
    ['2w', '2026-01-01T00:00', '2026-01-14T23:59', '2026-01-01T00:00'],
  ])('%s from %s, seen at %s: since %s', (duration, start, now, since) => {
    expect(new Date(windowStart(at(start), readDuration(duration), at(now)))).toEqual(new Date(at(since)))
  })
})

describe('kept', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'budgets-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('in a file, exactly, and found again', async () => {
    const path = join(folder, 'user_cost.json')
    const first = new BudgetManager({ storage: fileStorage(path), nowMs: () => 5000 })
    await first.createBudget({ total_budget: '0.1', user: 'ada', duration: 'monthly' })
    await first.chargePicoUsd('ada', 'gpt-4o', 1n)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      ada: {
        total_budget: '0.1',
        current_cost: '0.000000000001',
        model_cost: { 'gpt-4o': '0.000000000001' },
        created_at: 5,
        last_updated_at: 5,
        duration: 'monthly',
      },
    })
    expect(
      await new BudgetManager({ storage: fileStorage(path), nowMs: () => 6000 }).leftPicoUsd('ada'),
    ).toBe(99_999_999_999n)
  })

  test('charges at once are all counted and leave one file', async () => {
    const path = join(folder, 'b.json')
    const budgets = new BudgetManager({ storage: fileStorage(path) })
    await budgets.createBudget({ total_budget: 1, user: 'ada' })
    await Promise.all(Array.from({ length: 20 }, () => budgets.chargePicoUsd('ada', 'm', 3n)))
    expect(await new BudgetManager({ storage: fileStorage(path) }).leftPicoUsd('ada')).toBe(999_999_999_940n)
    expect(readdirSync(folder)).toEqual(['b.json'])
  })

  test("LiteLLM's own file is read", async () => {
    const path = join(folder, 'user_cost.json')
    writeFileSync(
      path,
      JSON.stringify({
        ada: {
          total_budget: 10,
          duration: 86400,
          created_at: 0,
          last_updated_at: 0,
          current_cost: 2.5,
          model_cost: { 'gpt-4o': 2.5 },
        },
      }),
    )
    const budgets = new BudgetManager({ storage: fileStorage(path), nowMs: () => 1000 })
    expect(await budgets.getCurrentCost('ada')).toBe(2.5)
  })

  test('what cannot be read is an error that says so, and never an empty book', async () => {
    const path = join(folder, 'b.json')
    writeFileSync(path, '{"ada": {"total')
    const budgets = new BudgetManager({ storage: fileStorage(path) })
    await expect(budgets.getUsers()).rejects.toThrow(/cannot be read.*move it away/)
    await expect(budgets.createBudget({ total_budget: 1, user: 'a' })).rejects.toThrow('cannot be read')
    expect(readFileSync(path, 'utf8')).toBe('{"ada": {"total')
  })

  test('what could not be saved is told, and saved with the next', async () => {
    let broken = true
    const kept: string[] = []
    const storage = {
      load: async () => undefined,
      save: async (text: string) => {
        if (broken) throw new Error('disk full')
        kept.push(text)
      },
    }
    const budgets = new BudgetManager({ storage })
    await expect(budgets.createBudget({ total_budget: 1, user: 'ada' })).rejects.toThrow('disk full')
    broken = false
    await budgets.saveData()
    expect(kept).toHaveLength(1)
  })
})
