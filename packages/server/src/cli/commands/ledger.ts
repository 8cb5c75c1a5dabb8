import { formatUsd } from '@switchyard/llm/kit'
import { keyHashOf } from '../../auth/virtual-key.ts'
import { readStatement, statementKinds, totalBefore } from '../../ledger/reports/statement.ts'
import type { StatementKind, StatementLine, StatementScope } from '../../ledger/reports/statement.ts'
import { verify } from '../../ledger/verify.ts'
import type { Drift } from '../../ledger/drift.ts'
import type { Database } from '../../store/database.ts'
import { daysBetween } from '../governance/days.ts'
import { configuredDatabase, isThere, withDatabase } from '../start/database.ts'
import type { DatabasePlace, PlaceFlags } from '../start/database.ts'
import { printable } from '../terminal/printable.ts'
import { renderTable } from '../terminal/table.ts'
import { CommandError, exitCodes } from '../world.ts'
import type { World } from '../world.ts'

export interface VerifyFlags extends PlaceFlags {
  json?: true
}

/** Proves that everything that is summed agrees with the entries. Ends with 1 when something does not. */
export async function verifyLedger(flags: VerifyFlags, world: World): Promise<number> {
  const place = await databaseThatIsThere(flags, world)
  const { entries, totalPicoUsd, drifts } = await withDatabase(
    place,
    async (database) => await verify(database),
  )
  const total = `${entries} entries, ${formatUsd(totalPicoUsd)} USD`
  if (flags.json === true)
    world.stdout.write(
      `${JSON.stringify({ entries, total_usd: formatUsd(totalPicoUsd), drifts: drifts.map(reportOf) }, undefined, 2)}\n`,
    )
  else if (drifts.length === 0) world.stdout.write(`${total}: balances and the sums of days agree.\n`)
  else world.stdout.write(`${renderTable(fields, drifts)}${total}: ${drifts.length} sums do not agree.\n`)
  return drifts.length === 0 ? exitCodes.done : exitCodes.failed
}

const fields = [
  { title: 'in', cell: (drift: Drift) => drift.in },
  { title: 'of', cell: (drift: Drift) => drift.scope },
  { title: 'when', cell: (drift: Drift) => drift.period },
  { title: 'entries USD', align: 'decimal', cell: (drift: Drift) => formatUsd(drift.expectedPicoUsd) },
  { title: 'found USD', align: 'decimal', cell: (drift: Drift) => formatUsd(drift.foundPicoUsd) },
  {
    title: 'off by USD',
    align: 'decimal',
    cell: (drift: Drift) => formatUsd(drift.foundPicoUsd - drift.expectedPicoUsd),
  },
  { title: 'requests', align: 'right', cell: (drift: Drift) => String(drift.expectedRequests) },
  { title: 'found', align: 'right', cell: (drift: Drift) => String(drift.foundRequests) },
] as const

function reportOf({ in: place, scope, period, ...sums }: Drift): object {
  return {
    in: place,
    scope,
    period,
    entries_usd: formatUsd(sums.expectedPicoUsd),
    found_usd: formatUsd(sums.foundPicoUsd),
    entries_requests: sums.expectedRequests,
    found_requests: sums.foundRequests,
  }
}

export interface StatementFlags extends PlaceFlags {
  since: string
  until?: string
  json?: true
}

const LINES_AT_ONCE = 500
const DAY_MS = 86_400_000

/** Lists what a scope was debited, page by page, and what it came to. */
export async function showStatement(
  kind: string,
  id: string | undefined,
  flags: StatementFlags,
  world: World,
): Promise<number> {
  const scope = scopeOf(kind, id)
  const { from, to } = daysBetween(flags.since, flags.until, world.nowMs())
  const period = { fromMs: Date.parse(from), toMs: Date.parse(to) + DAY_MS }
  const place = await databaseThatIsThere(flags, world)
  await withDatabase(place, async (database) => {
    const before = await totalBefore(database.kysely, scope, period.fromMs)
    let balance = before
    const isJson = flags.json === true
    if (!isJson)
      world.stdout.write(textLine('admitted', 'state', 'cost USD', 'balance USD', 'model', 'request'))
    for await (const line of linesOf(database, scope, period)) {
      balance += line.cost_pico_usd
      world.stdout.write(isJson ? `${JSON.stringify(lineReport(line, balance))}\n` : lineText(line, balance))
    }
    world.stderr.write(
      `From ${from} to ${to}, UTC: ${formatUsd(before)} USD before, ${formatUsd(balance - before)} USD in it, ${formatUsd(balance)} USD in all.\n`,
    )
  })
  return exitCodes.done
}

async function* linesOf(
  { kysely }: Database,
  scope: StatementScope,
  period: { fromMs: number; toMs: number },
): AsyncGenerator<StatementLine> {
  let page: StatementLine[] = []
  do {
    page = await readStatement(kysely, scope, { ...period, limit: LINES_AT_ONCE, after: page.at(-1) })
    yield* page
  } while (page.length === LINES_AT_ONCE)
}

function scopeOf(kind: string, id: string | undefined): StatementScope {
  if (!isKind(kind))
    throw new CommandError(`There is no statement of ${kind}: ask for ${statementKinds.join(', ')}.`)
  if (kind === 'global') return { kind, id: '' }
  if (id === undefined) throw new CommandError(`Name the ${kind} whose statement it is.`)
  return { kind, id: kind === 'key' ? keyHashOf(id) : id }
}

function isKind(kind: string): kind is StatementKind {
  return statementKinds.some((known) => known === kind)
}

function lineText(line: StatementLine, balance: bigint): string {
  return textLine(
    new Date(line.at_ms).toISOString(),
    line.state,
    formatUsd(line.cost_pico_usd),
    formatUsd(balance),
    printable(line.model ?? line.model_group ?? ''),
    line.request_id,
  )
}

function textLine(
  at: string,
  state: string,
  cost: string,
  balance: string,
  model: string,
  request: string,
): string {
  return `${at.padEnd(24)}  ${state.padEnd(9)}  ${cost.padStart(16)}  ${balance.padStart(18)}  ${model.padEnd(24)}  ${request}\n`
}

function lineReport(line: StatementLine, balance: bigint): object {
  return {
    request_id: line.request_id,
    admitted: new Date(line.at_ms).toISOString(),
    settled: new Date(line.settled_ms).toISOString(),
    state: line.state,
    cost_usd: formatUsd(line.cost_pico_usd),
    balance_usd: formatUsd(balance),
    key: line.key_hash,
    model: line.model,
    model_group: line.model_group,
    provider: line.provider,
  }
}

async function databaseThatIsThere(flags: PlaceFlags, world: World): Promise<DatabasePlace> {
  const place = await configuredDatabase(flags, world)
  if (!(await isThere(place)))
    throw new CommandError(`There is no database ${place.file ?? ''}: nothing was spent yet.`)
  return place
}
