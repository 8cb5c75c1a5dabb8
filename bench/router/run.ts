// What the router costs: time of a pick by each strategy, and what a dead deployment does to its siblings' requests.
// node bench/router/run.ts [--picks 10000] [--deployments 1000] [--requests 10000] [--rounds 5] [--out file.json]
import {
  createDeploymentStates,
  createError,
  createRouterEngine,
  choose,
  DEFAULT_RULES,
  route,
  strategies,
} from '@switchyard/llm/kit'
import type { ChoiceRequest, RoutedDeployment } from '@switchyard/llm/kit'
import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'

/** A pick over all deployments is to take no longer, in microseconds. */
const MOST_US = 20
/** By how much a dead deployment may slow down the slowest hundredth of requests once it cools down. */
const MOST_SLOWER = 1.01
/** A provider's answer, a refused connection, and how often somebody asks, in milliseconds of a clock that is turned by hand. */
const ANSWER_MS = 400
const SPREAD_MS = 400
const REFUSAL_MS = 3
const EVERY_MS = 20

const { values } = parseArgs({
  options: {
    picks: { type: 'string', default: '10000' },
    deployments: { type: 'string', default: '1000' },
    requests: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '5' },
    out: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const request: ChoiceRequest = { stream: false, tags: [], inputTokens: () => 500 }

const picks = [...strategies.keys()].map((strategy) => {
  const us = median(Array.from({ length: rounds }, () => timePicks(strategy)))
  return { strategy, us: round(us), passed: us <= MOST_US }
})
console.log(`${values.picks} picks over ${values.deployments} deployments, median of ${rounds} rounds:`)
for (const { strategy, us, passed } of picks)
  console.log(
    `  ${strategy.padEnd(24)} ${us.toFixed(2).padStart(7)} µs ${passed ? '' : `more than ${MOST_US}`}`,
  )

const well = await timeRequests(false)
const ill = await timeRequests(true)
const ratio = round(ill.p99Ms / well.p99Ms)
const passed = ill.lost === 0 && ratio <= MOST_SLOWER
console.log(`${values.requests} requests to 3 deployments, on a clock that is turned by hand:`)
console.log(`  all well:  ${well.lost} lost, p50 ${well.p50Ms} ms, p99 ${well.p99Ms} ms`)
console.log(
  `  one dead:  ${ill.lost} lost, p50 ${ill.p50Ms} ms, p99 ${ill.p99Ms} ms (× ${ratio}); it was asked ${ill.deadAsked} times`,
)
if (values.out !== undefined) {
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, load: loadavg(), node: process.version }
  writeFileSync(
    values.out,
    `${JSON.stringify({ machine, options: values, picks, well, ill, ratio }, null, 2)}\n`,
  )
}
process.exitCode = passed && picks.every((one) => one.passed) ? 0 : 1

/** Microseconds of CPU time of a pick, where each deployment has been asked before. */
function timePicks(strategy: string): number {
  const chosen = strategies.get(strategy)
  if (chosen === undefined) throw new Error(`no strategy ${strategy}`)
  const random = randomFrom(7)
  const states = createDeploymentStates()
  const count = Number(values.deployments)
  const candidates = Array.from({ length: count }, (_, index): RoutedDeployment => {
    const state = states.of(`d${index}`)
    for (let asked = 0; asked < 20; asked++) {
      state.begin(1_000)
      state.succeed(1_000)
      state.end()
      state.measure(
        { durationMs: 200 + random() * 800, firstTokenMs: 100, outputTokens: 100, totalTokens: 600 },
        1_000,
      )
    }
    const price = BigInt(index % 50)
    return {
      id: `d${index}`,
      state,
      weight: 1 + (index % 5),
      rpm: 100_000,
      tpm: 100_000_000,
      tokenPrice: () => price,
    }
  })
  const rules = { ...DEFAULT_RULES.choice, strategy: chosen }
  const world = { nowMs: 2_000, random }
  const total = Number(values.picks)
  // What is not compiled yet says nothing.
  for (let warm = 0; warm < total / 5; warm++) choose(candidates, request, rules, world)
  // Of this thread alone: what else the machine does is not counted.
  const before = process.threadCpuUsage()
  for (let pick = 0; pick < total; pick++) choose(candidates, request, rules, world)
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / total
}

/** Latencies of requests that come one after the other; the first hundred, until the dead one cools down, left out. */
async function timeRequests(
  hasDead: boolean,
): Promise<{ lost: number; p50Ms: number; p99Ms: number; deadAsked: number }> {
  let nowMs = 0
  const random = randomFrom(11)
  const engine = createRouterEngine({ nowMs: () => nowMs, random })
  const states = createDeploymentStates()
  const candidates = ['a', 'b', 'c'].map((id): RoutedDeployment => ({ id, state: states.of(id) }))
  const latencies: number[] = []
  let lost = 0
  let deadAsked = 0
  const total = Number(values.requests)
  for (let index = 0; index < total; index++) {
    const startedMs = index * EVERY_MS
    nowMs = startedMs
    // The same answer takes the same time, whoever is asked.
    const answerMs = ANSWER_MS + SPREAD_MS * fractionOf(index)
    try {
      const answered = await route(
        engine,
        { model: 'chat', candidates, choice: request, rules: DEFAULT_RULES },
        {
          ask: (deployment) => {
            if (hasDead && deployment.id === 'a') {
              deadAsked++
              nowMs += REFUSAL_MS
              throw createError({ code: 'connection', message: 'refused', provider: 'bench' })
            }
            nowMs += answerMs
            return deployment
          },
          enter: () => ({ skipped: 'none' }),
          sleep: (ms) => {
            nowMs += ms
            return Promise.resolve()
          },
          leftMs: () => 60_000,
          isOver: () => false,
        },
      )
      engine.finish(answered, { durationMs: answerMs, outputTokens: 100, totalTokens: 600 })
    } catch {
      lost++
    }
    if (index >= 100) latencies.push(nowMs - startedMs)
  }
  latencies.sort((one, two) => one - two)
  const at = (part: number): number => round(latencies[Math.floor(latencies.length * part)] ?? 0)
  return { lost, p50Ms: at(0.5), p99Ms: at(0.99), deadAsked }
}

function fractionOf(index: number): number {
  return ((index * 2_654_435_761) % 2 ** 32) / 2 ** 32
}

function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function median(figures: readonly number[]): number {
  return figures.toSorted((one, two) => one - two)[Math.floor(figures.length / 2)] ?? Number.NaN
}

function round(figure: number): number {
  return Math.round(figure * 1_000) / 1_000
}
