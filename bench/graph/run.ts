import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Case, Figures } from './cases/case.ts'
import { quantile } from './cases/case.ts'
import { cases as allCases } from './cases/index.ts'
import { subjects as allSubjects } from './subjects.ts'
import type { Subject, SubjectId } from './subjects.ts'

/** Times graphs of this library and of LangGraph JS, in the same run. See bench/README.md. */
const { values } = parseArgs({
  options: {
    cases: { type: 'string' },
    subjects: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    /** A database that may be emptied and filled; left out: PostgreSQL is not measured. */
    postgres: { type: 'string' },
    /** Where the figures go; left out: nowhere but the screen. */
    out: { type: 'string' },
  },
})

interface Row {
  case: string
  title: string
  figures: Partial<Record<SubjectId, Figures>>
  /** How many times better we are by the case's first figure. */
  times?: number | undefined
  target?: number | undefined
  /** Why a library has no figures. */
  failed: Partial<Record<SubjectId, string>>
}

const wantedCases = values.cases?.split(',')
const wantedSubjects = values.subjects?.split(',')
const subjects = allSubjects.filter(({ id }) => wantedSubjects?.includes(id) ?? true)
for (const subject of subjects) {
  say(`preparing ${subject.title}`)
  await subject.prepare()
}
const rows = allCases
  .filter(
    ({ id, needs }) => wantedCases?.includes(id) ?? (needs === undefined || values.postgres !== undefined),
  )
  .map(measure)
process.stdout.write(`${render(rows)}\n`)
if (values.out !== undefined) {
  mkdirSync(dirname(values.out), { recursive: true })
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version }
  writeFileSync(
    values.out,
    `${JSON.stringify({ machine, rounds: Number(values.rounds), rows }, undefined, 2)}\n`,
  )
}
if (rows.some(({ failed }) => Object.keys(failed).length > 0)) process.exitCode = 1

/** Subjects take turns, so that what else the machine does falls on each of them. */
function measure(found: Case): Row {
  const rounds = new Map<SubjectId, Figures[]>(subjects.map(({ id }) => [id, []]))
  const failed: Partial<Record<SubjectId, string>> = {}
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const subject of subjects) {
      if (failed[subject.id] !== undefined) continue
      say(`${found.title}: ${subject.title}`)
      try {
        rounds.get(subject.id)?.push(probe(found, subject))
      } catch (error) {
        failed[subject.id] = (error instanceof Error ? error.message : String(error)).slice(-500)
      }
    }
  }
  const figures = Object.fromEntries(
    [...rounds].filter(([, list]) => list.length > 0).map(([id, list]) => [id, medians(list)]),
  ) as Row['figures']
  return {
    case: found.id,
    title: found.title,
    figures,
    times: timesOf(found, figures),
    target: found.target?.times,
    failed,
  }
}

function probe(found: Case, subject: Subject): Figures {
  const scratch = mkdtempSync(join(tmpdir(), 'switchyard-bench-'))
  try {
    const options = [
      '--case',
      found.id,
      '--folder',
      subject.folder,
      '--lean',
      subject.leanFolder,
      '--scratch',
      scratch,
    ]
    const postgres = values.postgres === undefined ? [] : ['--postgres', values.postgres]
    const file = join(import.meta.dirname, 'probe.ts')
    const printed = execFileSync(process.execPath, ['--expose-gc', file, ...options, ...postgres], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as Figures
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function medians(list: readonly Figures[]): Figures {
  return Object.fromEntries(
    Object.keys(list[0] ?? {}).map((name) => [
      name,
      quantile(
        list.map((figures) => figures[name] ?? Number.NaN),
        0.5,
      ),
    ]),
  )
}

function timesOf({ target }: Case, { switchyard, langgraph }: Row['figures']): number | undefined {
  const [ours, theirs] = [Object.values(switchyard ?? {})[0], Object.values(langgraph ?? {})[0]]
  if (ours === undefined || theirs === undefined) return undefined
  return target?.better === 'more' ? ours / theirs : theirs / ours
}

function render(list: readonly Row[]): string {
  const lines = list.map(({ title, figures, times, target, failed }) => {
    const cell = ({ id }: Subject): string =>
      figures[id] === undefined ? (failed[id] ?? '') : text(figures[id])
    const ratio =
      times === undefined ? '' : `${times.toFixed(1)} ×${target === undefined ? '' : ` (target ${target})`}`
    return `| ${[title, ...subjects.map(cell), ratio].join(' | ')} |`
  })
  const head = `| ${['case', ...subjects.map(({ title }) => title), 'better by'].join(' | ')} |`
  return [head, `|${'---|'.repeat(subjects.length + 2)}`, ...lines].join('\n')
}

function text(figures: Figures): string {
  return Object.entries(figures)
    .map(([name, value]) => `${round(value)} ${name}`)
    .join(', ')
}

function round(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toFixed(digits)
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
