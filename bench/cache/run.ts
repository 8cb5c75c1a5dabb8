// What an answer from the cache costs, beside the same answer relayed: CPU of the gateway's process, in one run.
// node bench/cache/run.ts [--places relayed,cached] [--scenarios small,stream,large] [--rounds 3] [--requests 20000] [--seconds 8] [--out file.json]
import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureSubject, startUpstream } from '../gateway/measure.ts'
import type { Sample } from '../gateway/measure.ts'
import { canPin } from '../gateway/processes.ts'
import { models, scenarios } from '../gateway/scenarios.ts'
import type { Subject } from '../gateway/subjects.ts'

/** An answer from the cache is to cost no more than this part of a relayed one. */
const MOST = 1 / 3
const MASTER_KEY = 'sk-bench-0123456789abcdef'
/** As the packed program sets them. */
const HEAP = ['--max-semi-space-size=8', '--external-memory-accounted-in-global-limit']

interface Place {
  id: string
  title: string
  cached: boolean
  /** With a ledger in SQLite, as `switchyard start` always has one. */
  kept: boolean
}

const places: Place[] = [
  { id: 'floor', title: 'node:http alone', cached: false, kept: false },
  { id: 'relayed', title: 'relayed, no accounts kept', cached: false, kept: false },
  { id: 'cached', title: 'from memory, no accounts kept', cached: true, kept: false },
  { id: 'relayed-kept', title: 'relayed, with the ledger', cached: false, kept: true },
  { id: 'cached-kept', title: 'from memory, with the ledger', cached: true, kept: true },
]

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    requests: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '8' },
    scenarios: { type: 'string', default: 'small,stream,large' },
    places: { type: 'string', default: places.map(({ id }) => id).join(',') },
    out: { type: 'string' },
  },
})
const measured = places.filter(({ id }) => values.places.split(',').includes(id))
const wanted = scenarios.filter(({ id }) => values.scenarios.split(',').includes(id))
const upstream = await startUpstream(wanted)
const samples: { place: string; sample: Sample }[] = []
try {
  for (let round = 0; round < Number(values.rounds); round++)
    for (const place of measured) {
      const { samples: taken } = await measureSubject(subjectOf(place), upstream, wanted, {
        subjects: [],
        scenarios: [],
        requests: Number(values.requests),
        rounds: 1,
        seconds: Number(values.seconds),
        connections: 32,
        ratePerSecond: 500,
        out: undefined,
      })
      samples.push(...taken.map((sample) => ({ place: place.id, sample })))
    }
} finally {
  await upstream.stop()
}

const measurements = wanted.flatMap(({ id: scenario, title }) =>
  measured.map((place) => {
    const of = samples.filter((one) => one.place === place.id && one.sample.scenario === scenario)
    const cpuUs = medianOf(of.map(({ sample }) => sample.cpuUsPerRequest ?? Number.NaN))
    const errors = of.reduce((sum, { sample }) => sum + sample.errors, 0)
    const requestsPerSecond = medianOf(of.map(({ sample }) => sample.requestsPerSecond))
    return { scenario, title, place: place.id, cpuUs, requestsPerSecond, errors }
  }),
)
/** What a hit costs, and what node:http alone does, beside the same answer relayed. */
const figures = measurements.map((figure) => {
  const relayed = measurements.find(
    ({ scenario, place }) =>
      scenario === figure.scenario && place === figure.place.replace(/cached|floor/, 'relayed'),
  )
  return { ...figure, ofRelayed: figure.cpuUs / (relayed?.cpuUs ?? Number.NaN) }
})
let missed = 0
for (const figure of figures) {
  const { ofRelayed } = figure
  const isHit = figure.place.startsWith('cached')
  if (figure.errors > 0 || (isHit && ofRelayed > MOST)) missed++
  const said = figure.place.startsWith('relayed')
    ? ''
    : `  ${ofRelayed.toFixed(2)} of the relayed one${isHit && ofRelayed > MOST ? ' (more than a third)' : ''}`
  console.log(
    `${figure.title.padEnd(26)} ${figure.place.padEnd(13)} ${figure.cpuUs.toFixed(1).padStart(7)} µs ${Math.round(
      figure.requestsPerSecond,
    )} req/s${figure.errors > 0 ? `  ${figure.errors} ERRORS` : ''}${said}`,
  )
}
if (values.out !== undefined)
  writeFileSync(
    values.out,
    `${JSON.stringify({ date: new Date().toISOString(), machine: { cpu: cpus()[0]?.model, cores: cpus().length, load: loadavg(), pinned: canPin, node: process.version }, options: values, figures }, undefined, 2)}\n`,
  )
process.exitCode = missed > 0 ? 1 : 0

function medianOf(numbers: readonly number[]): number {
  return [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? Number.NaN
}

function subjectOf(place: Place): Subject {
  return {
    id: 'switchyard',
    title: place.title,
    path: '/v1/chat/completions',
    headers: () => ({ authorization: `Bearer ${MASTER_KEY}` }),
    prepare: () => Promise.resolve(undefined),
    command: ({ folder, port, upstreamUrl }) => {
      const config = join(folder, 'config.yaml')
      writeFileSync(config, JSON.stringify(configOf(place, upstreamUrl)))
      if (place.id === 'floor')
        return { command: process.execPath, args: [join(import.meta.dirname, 'floor.ts'), String(port)] }
      const source = join(import.meta.dirname, '../../packages/server/src/main.ts')
      const args = place.kept
        ? [source, 'start', '--config', config, '--port', String(port), '--data', join(folder, 'data')]
        : [join(import.meta.dirname, 'gateway.ts'), config, String(port)]
      return { command: process.execPath, args: [...HEAP, ...args] }
    },
  }
}

function configOf({ cached }: Place, upstreamUrl: string): object {
  return {
    model_list: models.map((model) => ({
      model_name: model,
      litellm_params: { model: `openai/${model}`, api_base: `${upstreamUrl}/v1`, api_key: 'sk-upstream' },
      model_info: { input_cost_per_token: 0.000001, output_cost_per_token: 0.000002 },
    })),
    general_settings: { master_key: MASTER_KEY },
    ...(cached ? { litellm_settings: { cache: true, cache_params: { type: 'local', ttl: 86_400 } } } : {}),
  }
}
