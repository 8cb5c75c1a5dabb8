// What the router costs: time of a pick by each strategy, and what a dead deployment does to its siblings' requests.
// node bench/router/run.ts [--picks 10000] [--deployments 1000] [--requests 10000] [--rounds 8] [--out file.json]
import {
  choose,
  createCatalog,
  createDeploymentStates,
  createError,
  createRouterEngine,
  DEFAULT_RULES,
  providers,
  route,
  strategies,
} from '@switchyard/llm/kit'
import type { ChoiceRequest, RoutedDeployment, StrategyArgs } from '@switchyard/llm/kit'
import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { createDeployments } from '../../packages/server/src/deployments/deployments.ts'
import { loadConfig } from '../../packages/server/src/index.ts'

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
    rounds: { type: 'string', default: '8' },
    out: { type: 'string' },
  },
})
const rounds = Number(values.rounds)

interface Case {
  readonly strategy: string
  readonly args: StrategyArgs
  readonly promptBytes: number
}

/** The second one is too long to be known to fit every model. */
const PROMPTS_BYTES = [1_500, 100_000]
const cases = PROMPTS_BYTES.flatMap((promptBytes) =>
  [...strategies.keys()].flatMap((strategy): Case[] => {
    const plain = { strategy, args: {}, promptBytes }
    return strategy === 'latency-based-routing'
      ? [plain, { ...plain, args: { lowest_latency_buffer: 0.5 } }]
      : [plain]
  }),
)
const candidates = await createCandidates()
const random = randomFrom(7)
// What the rounds have least of is the other work of the machine.
const leastUs = new Map<Case | 'loop', number>()
for (let taken = 0; taken < rounds; taken++)
  for (const one of ['loop', ...cases] as const)
    leastUs.set(one, Math.min(leastUs.get(one) ?? Number.POSITIVE_INFINITY, timePicks(one)))
const loopUs = round(leastUs.get('loop') ?? Number.NaN)
const picks = cases.map((one) => {
  const us = round(leastUs.get(one) ?? Number.NaN)
  return { ...one, us, timesLoop: round(us / loopUs), passed: us <= MOST_US }
})
console.log(`${values.picks} picks over ${values.deployments} deployments, the least of ${rounds} rounds:`)
console.log(`  ${'a loop over them'.padEnd(62)} ${loopUs.toFixed(2).padStart(7)} µs`)
for (const { strategy, args, promptBytes, us, timesLoop, passed } of picks) {
  const what = [strategy, ...Object.entries(args).map(([name, value]) => `${name} ${String(value)}`)]
  console.log(
    `  ${[...what, `${promptBytes} bytes`].join(', ').padEnd(62)} ${us.toFixed(2).padStart(7)} µs  × ${timesLoop.toFixed(1)}${passed ? '' : `  more than ${MOST_US}`}`,
  )
}

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
    `${JSON.stringify({ date: new Date().toISOString(), machine, options: values, loopUs, picks, well, ill, ratio }, null, 2)}\n`,
  )
}
process.exitCode = passed && picks.every((one) => one.passed) ? 0 : 1

/** The gateway's own deployments, each with prices, limits that have room, and a history. */
async function createCandidates(): Promise<readonly RoutedDeployment[]> {
  const model_list = Array.from({ length: Number(values.deployments) }, (_, index) => ({
    model_name: 'chat',
    litellm_params: {
      model: 'openai/gpt-4o',
      api_key: 'sk-bench',
      input_cost_per_token: (1 + (index % 50)) / 1_000_000,
      output_cost_per_token: 0.000001,
      weight: 1 + (index % 5),
      rpm: 100_000,
      tpm: 100_000_000,
    },
  }))
  const readFile = (): Promise<string> => Promise.resolve(JSON.stringify({ model_list }))
  const loaded = await loadConfig({ path: 'config.yaml', readFile, env: {} })
  if (!loaded.ok) throw new Error('the configuration should load')
  const made = createDeployments({
    states: createDeploymentStates(),
    config: loaded.config,
    catalog: createCatalog(),
    env: () => undefined,
    registry: providers,
    localModels: [],
    monotonicMs: () => performance.now(),
  }).find('chat')
  const latency = randomFrom(5)
  for (const { state } of made)
    for (let asked = 0; asked < 20; asked++) {
      state.begin(1_000)
      state.succeed(1_000)
      state.end()
      state.measure(
        { durationMs: 200 + latency() * 800, firstTokenMs: 100, outputTokens: 100, totalTokens: 600 },
        1_000,
      )
    }
  return made
}

/** Microseconds of CPU time of a pick, or of a loop that does nothing but look for the one with the fewest requests. */
function timePicks(one: Case | 'loop'): number {
  const pick = one === 'loop' ? leastInFlight : pickBy(one)
  const total = Number(values.picks)
  // What is not compiled yet says nothing.
  for (let warm = 0; warm < total / 5; warm++) pick()
  // Of this thread alone: what else the machine does is not counted.
  const before = process.threadCpuUsage()
  for (let count = 0; count < total; count++) pick()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / total
}

function leastInFlight(): RoutedDeployment | undefined {
  let [least] = candidates
  for (const candidate of candidates)
    if (least === undefined || candidate.state.inFlight < least.state.inFlight) least = candidate
  return least
}

function pickBy({ strategy: id, args, promptBytes }: Case): () => RoutedDeployment | undefined {
  const strategy = strategies.get(id)
  if (strategy === undefined) throw new Error(`no strategy ${id}`)
  const request: ChoiceRequest = {
    stream: false,
    tags: [],
    inputTokens: () => promptBytes / 4,
    maxInputTokens: promptBytes,
  }
  const rules = { ...DEFAULT_RULES.choice, strategy, strategyArgs: args }
  const world = { nowMs: 2_000, random }
  return () => choose(candidates, request, rules, world)
}

/** Latencies of requests that come one after the other; the first hundred, until the dead one cools down, left out. */
async function timeRequests(
  hasDead: boolean,
): Promise<{ lost: number; p50Ms: number; p99Ms: number; deadAsked: number }> {
  let nowMs = 0
  const random = randomFrom(11)
  const engine = createRouterEngine({ nowMs: () => nowMs, random })
  const states = createDeploymentStates()
  const choice: ChoiceRequest = { stream: false, tags: [], inputTokens: () => 500 }
  const three = ['a', 'b', 'c'].map((id): RoutedDeployment => ({ id, state: states.of(id) }))
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
        { model: 'chat', candidates: three, choice, rules: DEFAULT_RULES },
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

function round(figure: number): number {
  return Math.round(figure * 1_000) / 1_000
}
