import { beforeAll, describe, expect, test } from 'vitest'
import type { ScopeLimits } from '../policy/limits.ts'
import type { Database } from '../store/database.ts'
import { resourceTable } from '../store/tables/resources.ts'
import { testDatabases } from '../store/testing/databases.ts'
import { loadEndUser, loadTag } from './load-limits.ts'
import type { EndUserDefaults } from './load-limits.ts'

const row = (id: string) => ({
  id,
  created_ms: 1,
  created_by: null,
  updated_ms: 1,
  updated_by: null,
  version: 1,
})

function told({ budgets, rpm }: ScopeLimits): string {
  const [main] = budgets
  const max = main?.maxPicoUsd === undefined ? 'counted' : `$${Number(main.maxPicoUsd) / 1e12}`
  const words = [max, main?.duration, main?.sinceMs && `since ${main.sinceMs}`, rpm && `${rpm} rpm`]
  return words.filter((word) => word !== undefined).join(' ')
}

describe.each(testDatabases)('limits of a request in $dialect', ({ open }) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
    const { kysely } = database
    const budgets = resourceTable('budgets')
    await budgets.insert(kysely, {
      ...row('small'),
      data: { max_budget: 0.5, budget_duration: '1d', rpm_limit: 3 },
    })
    await budgets.insert(kysely, { ...row('default'), data: { max_budget: 0.1 } })
    const customers = resourceTable('customers')
    await customers.insert(kysely, {
      ...row('named'),
      budget_id: 'small',
      data: { model_rpm_limit: { m: 1 } },
    })
    await customers.insert(kysely, {
      ...row('own'),
      budget_id: null,
      data: { max_budget: 2, blocked: true, budget_since_ms: 7 },
    })
    await customers.insert(kysely, { ...row('plain'), budget_id: null, data: {} })
    const tags = resourceTable('tags')
    await tags.insert(kysely, { ...row('prod'), budget_id: 'small', data: {} })
  })

  test.each<[string, string, EndUserDefaults, string, string]>([
    ['never heard of', 'new', {}, 'counted', 'customer:new'],
    [
      'never heard of, with a default',
      'new',
      { maxEndUserBudgetId: 'default' },
      '$0.1',
      'customer:new budget:default',
    ],
    ['never heard of, with an amount', 'new', { maxEndUserBudget: 3 }, '$3', 'customer:new'],
    ['without a budget', 'plain', { maxEndUserBudgetId: 'default' }, '$0.1', 'customer:plain budget:default'],
    [
      'with a budget',
      'named',
      { maxEndUserBudgetId: 'default' },
      '$0.5 1d 3 rpm',
      'customer:named budget:small',
    ],
    ['with an amount of their own', 'own', { maxEndUserBudgetId: 'default' }, '$2 since 7', 'customer:own'],
    ['whose default is gone', 'new', { maxEndUserBudgetId: 'gone' }, 'counted', 'customer:new budget:gone'],
  ])('an end user %s', async (_name, id, defaults, expected, depends) => {
    const { value, dependsOn } = await loadEndUser(database.kysely, id, defaults)
    expect(told(value.limits)).toBe(expected)
    expect([...dependsOn].join(' ')).toBe(depends)
    expect(value.blocked).toBe(id === 'own')
    expect(value.modelLimits.has('m')).toBe(id === 'named')
  })

  test.each([
    ['prod', '$0.5 1d 3 rpm', 'tag:prod budget:small'],
    ["' OR 1=1--", 'counted', "tag:' OR 1=1--"],
  ])('the tag %s', async (id, expected, depends) => {
    const { value, dependsOn } = await loadTag(database.kysely, id)
    expect(told(value)).toBe(expected)
    expect([...dependsOn].join(' ')).toBe(depends)
  })
})
