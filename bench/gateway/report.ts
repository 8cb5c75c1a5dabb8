import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import type { Sample, SubjectRound } from './measure.ts'
import type { BenchOptions } from './options.ts'
import { canPin } from './processes.ts'
import type { Scenario, ScenarioId } from './scenarios.ts'

export interface Row {
  subject: string
  title: string
  rounds: SubjectRound[]
}

/** The median over the rounds of one subject in one scenario. */
export interface Figure extends Omit<Sample, 'firstError'> {
  subject: string
  title: string
  firstError: string | undefined
  addedP50Us: number | null
  addedP99Us: number | null
  /** CPU per request compared with the bare relay's in the same run. */
  cpuToRelay: number | null
  /** The same compared with the gateway that keeps no accounts: what keeping them costs. */
  cpuToBare: number | null
}

export interface Memory {
  subject: string
  rssMb: number | null
  answers: number
}

export interface Report {
  date: string
  machine: Record<string, string | number | boolean>
  options: BenchOptions
  figures: Figure[]
  memory: Memory[]
  skipped: Record<string, string>
}

export function summarise(rows: Row[], options: BenchOptions, skipped: Record<string, string>): Report {
  const figures = options.scenarios.flatMap((scenario) => figuresOf(scenario, rows))
  const memory = rows
    .filter(({ subject }) => subject !== 'direct')
    .map(({ subject, rounds }) => ({
      subject,
      rssMb: median(rounds.map(({ rssMb }) => rssMb)),
      answers: median(rounds.map(({ answers }) => answers)) ?? 0,
    }))
  return { date: new Date().toISOString(), machine: machine(), options, figures, memory, skipped }
}

const accounting: ReadonlySet<string> = new Set(['switchyard', 'governed'])

function figuresOf(scenario: ScenarioId, rows: Row[]): Figure[] {
  const medians = rows.map(({ subject, title, rounds }) => {
    const samples = rounds.flatMap(({ samples }) => samples.filter((sample) => sample.scenario === scenario))
    const middle = (field: keyof Sample): number | null =>
      median(samples.map((sample) => (typeof sample[field] === 'number' ? sample[field] : null)))
    return {
      subject,
      title,
      scenario,
      answers: middle('answers') ?? 0,
      errors: samples.reduce((sum, { errors }) => sum + errors, 0),
      firstError: samples.find(({ firstError }) => firstError !== undefined)?.firstError,
      requestsPerSecond: middle('requestsPerSecond') ?? 0,
      cpuUsPerRequest: middle('cpuUsPerRequest'),
      ratePerSecond: middle('ratePerSecond') ?? 0,
      p50Us: middle('p50Us') ?? 0,
      p99Us: middle('p99Us') ?? 0,
      cpuUsPerRequestAtRate: middle('cpuUsPerRequestAtRate'),
      rssMb: middle('rssMb'),
    }
  })
  const direct = medians.find(({ subject }) => subject === 'direct')
  const relay = medians.find(({ subject }) => subject === 'relay')
  const bare = medians.find(({ subject }) => subject === 'bare')
  return medians.map((figure) => ({
    ...figure,
    addedP50Us: direct && figure !== direct ? figure.p50Us - direct.p50Us : null,
    addedP99Us: direct && figure !== direct ? figure.p99Us - direct.p99Us : null,
    cpuToRelay: ratio(figure.cpuUsPerRequest, relay?.cpuUsPerRequest),
    cpuToBare: accounting.has(figure.subject) ? ratio(figure.cpuUsPerRequest, bare?.cpuUsPerRequest) : null,
  }))
}

/** The tables that are printed, in Markdown. */
export function renderReport(report: Report, scenarios: Scenario[]): string {
  const parts = scenarios.map((scenario) => renderScenario(report, scenario))
  const memory = report.memory.map(({ subject, rssMb, answers }) => [subject, whole(rssMb), whole(answers)])
  parts.push(`### Memory\n${table([['subject', 'RSS MB', 'after requests'], ...memory])}`)
  for (const [subject, reason] of Object.entries(report.skipped))
    parts.push(`Not measured: ${subject} (${reason})`)
  return parts.join('\n\n')
}

function renderScenario(report: Report, { id, title }: Scenario): string {
  const figures = report.figures.filter(({ scenario }) => scenario === id)
  const switchyard = figures.find(({ subject }) => subject === 'switchyard')
  const header = [
    'subject',
    'req/s',
    'CPU µs',
    '× relay',
    '× bare',
    'rate',
    'CPU µs at rate',
    'p50 +µs',
    'p99 +µs',
    'RSS MB',
    'errors',
  ]
  const rows = figures.map((figure) => [
    figure.title,
    whole(figure.requestsPerSecond),
    whole(figure.cpuUsPerRequest),
    times(figure.cpuToRelay),
    times(figure.cpuToBare),
    `${whole(figure.ratePerSecond)}/s`,
    whole(figure.cpuUsPerRequestAtRate),
    whole(figure.addedP50Us),
    whole(figure.addedP99Us),
    whole(figure.rssMb),
    String(figure.errors),
  ])
  const compared = figures
    .filter(({ subject }) => switchyard && ['portkey', 'litellm'].includes(subject))
    .map((peer) => {
      const more = ratio(switchyard?.requestsPerSecond, peer.requestsPerSecond)
      return `Switchyard answers ${more?.toFixed(1)}× as many requests as ${peer.title}.`
    })
  const complaints = figures
    .filter(({ firstError }) => firstError !== undefined)
    .map(({ title, firstError }) => `First error of ${title}: ${firstError?.slice(0, 300)}`)
  return [`### ${title}`, table([header, ...rows]), ...compared, ...complaints].join('\n')
}

function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: string[]): string =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`
  const [header = [], ...body] = rows
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(header), line(rule), ...body.map(line)].join('\n')
}

function machine(): Report['machine'] {
  const [cpu] = cpus()
  return {
    cpu: cpuModel() ?? cpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 2 ** 20),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    pinned: canPin,
  }
}

/** Node's own name for a virtual CPU is sometimes empty. */
function cpuModel(): string | undefined {
  try {
    return /^Model name:\s*(.+)$/m.exec(execFileSync('lscpu', { encoding: 'utf8' }))?.[1]
  } catch {
    return undefined
  }
}

function median(values: Array<number | null>): number | null {
  const known = values.filter((value) => value !== null).toSorted((left, right) => left - right)
  if (known.length === 0) return null
  const middle = known.length >> 1
  const upper = known[middle] ?? 0
  return known.length % 2 === 1 ? upper : (upper + (known[middle - 1] ?? upper)) / 2
}

function ratio(value: number | null | undefined, base: number | null | undefined): number | null {
  return value == null || base == null || base === 0 ? null : value / base
}

function times(value: number | null): string {
  return value === null ? '–' : value.toFixed(2)
}

function whole(value: number | null): string {
  return value === null ? '–' : Math.round(value).toLocaleString('en-US')
}
