import { findGateway } from '../gateway/address.ts'
import type { GatewayFlags } from '../gateway/address.ts'
import { createAsk } from '../gateway/send.ts'
import { readBudget, readList } from '../governance/answers.ts'
import type { BudgetAnswer } from '../governance/answers.ts'
import { countOf, limitFields, usdText } from '../governance/cells.ts'
import { limitBody, withoutGaps } from '../governance/limits.ts'
import type { LimitFlags } from '../governance/limits.ts'
import { showList } from '../governance/listing.ts'
import { printable } from '../terminal/printable.ts'
import type { Field } from '../terminal/table.ts'
import { exitCodes } from '../world.ts'
import type { World } from '../world.ts'

export interface CreateBudgetFlags extends GatewayFlags, LimitFlags {
  json?: true
}

export interface ListBudgetsFlags extends GatewayFlags {
  json?: true
}

const fields: readonly Field<BudgetAnswer>[] = [
  { title: 'id', cell: (budget) => budget.budget_id, total: countOf('budget') },
  ...limitFields,
  { title: 'soft USD', optional: true, cell: ({ soft_budget: soft }) => (soft == null ? '' : usdText(soft)) },
]

/** Makes a budget that keys, customers, tags and members can share the terms of, and prints its id. */
export async function createBudget(
  id: string | undefined,
  flags: CreateBudgetFlags,
  world: World,
): Promise<number> {
  const ask = createAsk(await findGateway(flags, world))
  const answer = await ask({ path: '/budget/new', body: withoutGaps({ budget_id: id, ...limitBody(flags) }) })
  const { budget_id: made } = readBudget(answer)
  world.stdout.write(
    flags.json === true ? `${JSON.stringify(answer, undefined, 2)}\n` : `${printable(made)}\n`,
  )
  return exitCodes.done
}

export async function listBudgets(flags: ListBudgetsFlags, world: World): Promise<number> {
  const ask = createAsk(await findGateway(flags, world))
  showList(readList(await ask({ path: '/budget/list' })), readBudget, fields, flags, world)
  return exitCodes.done
}

/** Deletes a budget: whoever named it has no such limit any more. */
export async function deleteBudget(id: string, flags: GatewayFlags, world: World): Promise<number> {
  const ask = createAsk(await findGateway(flags, world))
  await ask({ path: '/budget/delete', body: { id } })
  world.stdout.write(`Deleted: ${id}\n`)
  return exitCodes.done
}
