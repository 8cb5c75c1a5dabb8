import { parseArgs } from 'node:util'
import { scenarios } from './scenarios.ts'
import type { ScenarioId } from './scenarios.ts'
import { subjects } from './subjects.ts'
import type { SubjectId } from './subjects.ts'

export interface BenchOptions {
  subjects: SubjectId[]
  scenarios: ScenarioId[]
  /** Requests of the smallest scenario for each subject in each round; the others run a part of it. */
  requests: number
  rounds: number
  /** Longest time of one measurement: what slow subjects get instead of all requests. */
  seconds: number
  connections: number
  ratePerSecond: number
  out: string | undefined
}

export const usage: string = `Usage: node bench/gateway/run.ts [options]
  --quick              one short round, nothing written unless --out is given
  --subjects a,b       of ${subjects.map(({ id }) => id).join(', ')}
  --scenarios a,b      of ${scenarios.map(({ id }) => id).join(', ')} (spaced only when named)
  --requests N         requests of the 1.5 KB scenario per subject and round (100000)
  --rounds N           interleaved rounds, of which the median counts (3)
  --seconds N          longest time of one measurement (15)
  --connections N      requests in flight at saturation (32)
  --rate N             requests per second of the latency measurement (500)
  --out FILE           where the JSON goes (bench/results/gateway-<date>.json)`

/** @throws with a message for the user when an option makes no sense. */
export function readOptions(args: string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      subjects: { type: 'string' },
      scenarios: { type: 'string' },
      requests: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      connections: { type: 'string' },
      rate: { type: 'string' },
      out: { type: 'string' },
    },
  })
  if (values.help) return 'help'
  const { quick } = values
  const allSubjects = subjects.map(({ id }) => id)
  const allScenarios = scenarios.map(({ id }) => id)
  const standard = new Date().toISOString().slice(0, 10)
  return {
    subjects: choose('subjects', values.subjects, allSubjects, allSubjects),
    scenarios: choose(
      'scenarios',
      values.scenarios,
      allScenarios,
      allScenarios.filter((id) => id !== 'spaced'),
    ),
    requests: count('requests', values.requests, quick ? 10_000 : 100_000),
    rounds: count('rounds', values.rounds, quick ? 1 : 3),
    seconds: count('seconds', values.seconds, quick ? 4 : 15),
    connections: count('connections', values.connections, 32),
    ratePerSecond: count('rate', values.rate, 500),
    out: values.out ?? (quick ? undefined : `bench/results/gateway-${standard}.json`),
  }
}

function choose<T extends string>(name: string, given: string | undefined, known: T[], standard: T[]): T[] {
  if (given === undefined) return standard
  return given.split(',').map((wanted) => {
    const found = known.find((id) => id === wanted)
    if (found === undefined) throw new Error(`--${name}: "${wanted}" is none of ${known.join(', ')}`)
    return found
  })
}

function count(name: string, given: string | undefined, standard: number): number {
  const value = given === undefined ? standard : Number(given)
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} takes a whole number above 0, not "${given}"`)
  return value
}
