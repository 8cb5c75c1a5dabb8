import type { CreateBudgetFlags, ListBudgetsFlags } from '../commands/budgets.ts'
import type { GatewayFlags } from '../gateway/address.ts'
import type { Family } from './family.ts'
import { addGatewayFlags } from './gateway-flags.ts'
import { addLimitFlags } from './governance-flags.ts'

export const addBudgets: Family = (program, world, end) => {
  const budgets = program.command('budgets').description('limits that keys, customers and tags can name')
  const create = budgets
    .command('create')
    .description('make a budget and print its id')
    .argument('[id]', 'made up when left out')
    .option('--json', 'all that the gateway says of it')
  addLimitFlags(create)
  addGatewayFlags(create).action(async (id: string | undefined, flags: CreateBudgetFlags) => {
    const { createBudget } = await import('../commands/budgets.ts')
    await end(createBudget(id, flags, world))
  })
  const list = budgets
    .command('list')
    .description('show budgets')
    .option('--json', 'all that the gateway says of them')
  addGatewayFlags(list).action(async (flags: ListBudgetsFlags) => {
    const { listBudgets } = await import('../commands/budgets.ts')
    await end(listBudgets(flags, world))
  })
  const remove = budgets
    .command('delete')
    .description('delete a budget: whoever named it has no such limit any more')
    .argument('<id>')
  addGatewayFlags(remove).action(async (id: string, flags: GatewayFlags) => {
    const { deleteBudget } = await import('../commands/budgets.ts')
    await end(deleteBudget(id, flags, world))
  })
}
