// A budget for the program, and one for each user, kept in a file: refused before anything is spent.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BudgetExceededError,
  BudgetManager,
  completion,
  completionCost,
  configure,
  currentCost,
  fileStorage,
  flush,
} from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { openai, close } = await startProviders()
const folder = await mkdtemp(join(tmpdir(), 'budget-'))
const file = join(folder, 'my-ai-app.budgets.json')

const budgets = new BudgetManager({ storage: fileStorage(file) })
await budgets.createBudget({ user: 'ada', total_budget: 0.01, duration: 'monthly' })
configure({ max_budget: 10, budget_manager: budgets })

const messages = [{ role: 'user' as const, content: 'Expensive model call' }]
console.log('projected', await budgets.projectedCost({ model: 'gpt-4', messages, user: 'ada' }))

const call = { model: 'openai/gpt-4', ...openai, messages, user: 'ada', max_tokens: 60 }
const response = await completion(call)
console.log('this call cost', completionCost({ model: 'gpt-4', usage: response.usage }))
console.log('current spend ', currentCost())

let calls = 1
await assert.rejects(async () => {
  for (; calls < 100; calls++) await completion(call)
}, BudgetExceededError)
await flush()
const spent = await budgets.getCurrentCost('ada')
console.log(`ada spent $${spent} of $${await budgets.getTotalBudget('ada')} in ${calls} calls`)
console.log(await budgets.getModelCost('ada'))
assert.ok(spent <= 0.01 && calls > 1)
assert.match(await readFile(file, 'utf8'), /"total_budget": "0\.01"/)

await rm(folder, { recursive: true })
await close()
