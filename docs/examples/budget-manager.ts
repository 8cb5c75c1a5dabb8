import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BudgetManager, completion, configure, createClient, fileStorage, flush } from '@switchyard/llm'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()
const folder = await mkdtemp(join(tmpdir(), 'budgets-'))
const path = join(folder, 'budgets.json')
const messages = [{ role: 'user' as const, content: 'Hello' }]
const params = {
  model: 'openai/demo',
  ...demo.target,
  messages,
  max_tokens: 20,
  input_cost_per_token: 0.0001,
}

// #region max
const client = createClient({ max_budget: 0.01 })
await client.completion(params)
console.log(client.currentCost())
// #endregion

// #region manager
const budgets = new BudgetManager({ storage: fileStorage(path) })
await budgets.createBudget({ user: 'ada', total_budget: 0.01, duration: 'monthly' })
configure({ budget_manager: budgets })

await completion({ ...params, user: 'ada' })
await flush()
console.log(await budgets.getCurrentCost('ada'), 'of', await budgets.getTotalBudget('ada'))
// #endregion

// #region by-hand
if (await budgets.isValidUser('ada')) {
  const projected = await budgets.projectedCost({ model: 'gpt-4o-mini', messages, user: 'ada' })
  if (projected < (await budgets.getTotalBudget('ada'))) {
    const mock_response = 'Nobody was called.'
    const answer = await completion({ model: 'openai/gpt-4o-mini', messages, mock_response })
    await budgets.updateCost({ user: 'ada', completion_obj: answer })
  }
}
// #endregion
console.log(Object.keys(await budgets.getModelCost('ada')).length)

await rm(folder, { recursive: true })
await demo.close()
