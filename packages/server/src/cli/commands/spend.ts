import { formatUsd } from '@switchyard/llm/kit'
import { findGateway } from '../gateway/address.ts'
import type { GatewayFlags } from '../gateway/address.ts'
import { createAsk } from '../gateway/send.ts'
import { fetchUsage } from '../governance/activity.ts'
import type { Grouping, Usage } from '../governance/activity.ts'
import { shortId } from '../governance/cells.ts'
import { daysBetween } from '../governance/days.ts'
import { renderTable } from '../terminal/table.ts'
import type { Field } from '../terminal/table.ts'
import { exitCodes } from '../world.ts'
import type { World } from '../world.ts'

export interface SpendFlags extends GatewayFlags {
  by: Grouping
  since: string
  until?: string
  json?: true
}

/** Shows what was spent in some days, and by whom or on what. */
export async function spend(flags: SpendFlags, world: World): Promise<number> {
  const { by, since, until, json } = flags
  const days = daysBetween(since, until, world.nowMs())
  const rows = await fetchUsage(createAsk(await findGateway(flags, world)), by, days)
  if (json === true) {
    const report = { by, ...days, rows: rows.map(reportOf), total: reportOf(sumOf(rows)) }
    world.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`)
    return exitCodes.done
  }
  world.stdout.write(renderTable(fieldsOf(by), rows))
  const note = by === 'tag' ? ' A request with several tags counts in each of them.' : ''
  world.stderr.write(`From ${days.from} to ${days.to}, UTC.${note}\n`)
  return exitCodes.done
}

function fieldsOf(by: Grouping): readonly Field<Usage>[] {
  const sum = (textOf: (usage: Usage) => string) => (rows: readonly Usage[]) => textOf(sumOf(rows))
  const column = (title: string, textOf: (usage: Usage) => string): Field<Usage> => ({
    title,
    align: 'right',
    cell: textOf,
    total: sum(textOf),
  })
  const cost = ({ costPicoUsd }: Usage): string => formatUsd(costPicoUsd)
  return [
    {
      title: by,
      cell: ({ name }) => (by === 'key' ? shortId(name) : name) || '(none)',
      total: () => 'total',
    },
    { title: 'alias', optional: true, cell: ({ alias }) => alias ?? '' },
    column('requests', ({ requests }) => String(requests)),
    column('failed', ({ failed }) => String(failed)),
    column('tokens in', ({ inputTokens }) => String(inputTokens)),
    column('tokens out', ({ outputTokens }) => String(outputTokens)),
    { title: 'cost USD', align: 'decimal', cell: cost, total: sum(cost) },
  ]
}

function sumOf(rows: readonly Usage[]): Usage {
  const sum = (count: (usage: Usage) => number): number =>
    rows.reduce((total, usage) => total + count(usage), 0)
  return {
    name: 'total',
    requests: sum(({ requests }) => requests),
    failed: sum(({ failed }) => failed),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    costPicoUsd: rows.reduce((total, { costPicoUsd }) => total + costPicoUsd, 0n),
  }
}

/** The cost is a text, which holds every digit in any language. */
function reportOf({ name, alias, requests, failed, inputTokens, outputTokens, costPicoUsd }: Usage): object {
  return {
    name,
    ...(alias === undefined ? {} : { alias }),
    requests,
    failed_requests: failed,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    cost_usd: formatUsd(costPicoUsd),
  }
}
