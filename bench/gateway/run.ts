import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { measureDirect, measureSubject, startUpstream } from './measure.ts'
import { readOptions, usage } from './options.ts'
import type { BenchOptions } from './options.ts'
import { renderReport, summarise } from './report.ts'
import type { Row } from './report.ts'
import { scenarios as allScenarios } from './scenarios.ts'
import { subjects as allSubjects } from './subjects.ts'
import type { Subject } from './subjects.ts'

const options = optionsOrExit()
const scenarios = allScenarios.filter(({ id }) => options.scenarios.includes(id))
const skipped: Record<string, string> = {}
const subjects = await prepare(allSubjects.filter(({ id }) => options.subjects.includes(id)))
const direct: Row = { subject: 'direct', title: 'upstream asked directly', rounds: [] }
const rows = new Map<Subject, Row>(
  subjects.map((subject) => [subject, { subject: subject.id, title: subject.title, rounds: [] }]),
)

const upstream = await startUpstream(scenarios)
try {
  for (let round = 1; round <= options.rounds; round++) {
    say(`round ${round} of ${options.rounds}: upstream`)
    direct.rounds.push(await measureDirect(upstream, scenarios, options))
    for (const [subject, row] of rows) {
      say(`round ${round} of ${options.rounds}: ${subject.title}`)
      try {
        row.rounds.push(await measureSubject(subject, upstream, scenarios, options))
      } catch (error) {
        skipped[subject.id] = error instanceof Error ? error.message : String(error)
        rows.delete(subject)
      }
    }
  }
} finally {
  await upstream.stop()
}

const report = summarise([direct, ...rows.values()], options, skipped)
process.stdout.write(`${renderReport(report, scenarios)}\n`)
if (options.out !== undefined) {
  mkdirSync(dirname(options.out), { recursive: true })
  writeFileSync(options.out, `${JSON.stringify(report, undefined, 2)}\n`)
  say(`written to ${options.out}`)
}
if (report.figures.some(({ errors }) => errors > 0) || Object.keys(skipped).length > 0) process.exitCode = 1

async function prepare(wanted: Subject[]): Promise<Subject[]> {
  const able: Subject[] = []
  for (const subject of wanted) {
    say(`preparing ${subject.title}`)
    const reason = await subject.prepare()
    if (reason === undefined) able.push(subject)
    else skipped[subject.id] = reason
  }
  return able
}

function optionsOrExit(): BenchOptions {
  try {
    const read = readOptions(process.argv.slice(2))
    if (read !== 'help') return read
    process.stdout.write(`${usage}\n`)
    process.exit(0)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`)
    process.exit(2)
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
