import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { LoadPlan, LoadResult } from './load.ts'
import type { BenchOptions } from './options.ts'
import { collect, freePort, start } from './processes.ts'
import type { Cost, Started } from './processes.ts'
import type { Scenario, ScenarioId } from './scenarios.ts'
import type { Subject } from './subjects.ts'

/** The gateway has a core to itself; what asks it and what it asks share the other. */
const gatewayCore = 0
const loadCore = 1
const chatPath = '/v1/chat/completions'

/** What one subject did in one scenario of one round. */
export interface Sample {
  scenario: ScenarioId
  answers: number
  errors: number
  firstError: string | undefined
  requestsPerSecond: number
  cpuUsPerRequest: number | null
  /** The rate at which the latencies and the second CPU figure were taken. */
  ratePerSecond: number
  p50Us: number
  p99Us: number
  cpuUsPerRequestAtRate: number | null
  /** Resident memory after this scenario and those before it. */
  rssMb: number | null
}

export interface SubjectRound {
  samples: Sample[]
  /** Resident memory after all scenarios, and how many requests the process had answered by then. */
  rssMb: number | null
  answers: number
}

interface Target {
  port: number
  path: string
  headers: Record<string, string>
}

export interface Upstream {
  url: string
  port: number
  stop(): Promise<void>
}

export async function startUpstream(scenarios: Scenario[]): Promise<Upstream> {
  const port = await freePort()
  const script = join(import.meta.dirname, 'upstream.ts')
  const upstream = start(loadCore, process.execPath, [script, String(port)], { folder: process.cwd() })
  await untilReady({ port, path: chatPath, headers: {} }, scenarios, upstream)
  return { url: `http://127.0.0.1:${port}`, port, stop: upstream.stop }
}

/** Asks the upstream without any gateway: the latencies that every subject starts from. */
export function measureDirect(
  upstream: Upstream,
  scenarios: Scenario[],
  options: BenchOptions,
): Promise<SubjectRound> {
  const target = { port: upstream.port, path: chatPath, headers: {} }
  return measureScenarios(target, () => ({ cpuMs: null, rssMb: null }), scenarios, options)
}

/** Starts the subject afresh, warms it up, runs every scenario and stops it. */
export async function measureSubject(
  subject: Subject,
  upstream: Upstream,
  scenarios: Scenario[],
  options: BenchOptions,
): Promise<SubjectRound> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'))
  const port = await freePort()
  const { command, args, environment } = subject.command({ folder, port, upstreamUrl: upstream.url })
  const gateway = start(gatewayCore, command, args, { folder, environment })
  try {
    const target = { port, path: subject.path, headers: subject.headers(upstream.url) }
    await subject.setUp?.(`http://127.0.0.1:${port}`)
    await untilReady(target, scenarios, gateway)
    return await measureScenarios(target, gateway.cost, scenarios, options)
  } finally {
    await gateway.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measureScenarios(
  target: Target,
  cost: () => Cost,
  scenarios: Scenario[],
  options: BenchOptions,
): Promise<SubjectRound> {
  const samples: Sample[] = []
  let answers = 0
  for (const scenario of scenarios) {
    const { connections, ratePerSecond, seconds } = options
    const requests = Math.ceil(options.requests * scenario.share)
    // Compilers share the gateway's one core, so that it takes seconds until what is measured is what will run.
    const warmUp = { connections, requests, seconds }
    const warmed = await load(target, scenario, warmUp)
    const saturated = await loadCosting(target, scenario, { connections, requests, seconds }, cost)
    const requestsPerSecond = saturated.result.answers / saturated.result.seconds
    // Above half of what a subject can do, latency is the length of its queue.
    const rate = Math.max(1, Math.min(ratePerSecond, Math.floor(requestsPerSecond / 2)))
    const paced = await loadCosting(
      target,
      scenario,
      { connections, requests: rate * seconds, seconds: Math.ceil(seconds / 2), ratePerSecond: rate },
      cost,
    )
    answers += warmed.answers + saturated.result.answers + paced.result.answers
    samples.push({
      scenario: scenario.id,
      answers: saturated.result.answers,
      errors: warmed.errors + saturated.result.errors + paced.result.errors,
      firstError: warmed.firstError ?? saturated.result.firstError ?? paced.result.firstError,
      requestsPerSecond,
      cpuUsPerRequest: saturated.cpuUsPerRequest,
      ratePerSecond: rate,
      p50Us: paced.result.p50Us,
      p99Us: paced.result.p99Us,
      cpuUsPerRequestAtRate: paced.cpuUsPerRequest,
      rssMb: cost().rssMb,
    })
  }
  return { samples, rssMb: cost().rssMb, answers }
}

async function loadCosting(
  target: Target,
  scenario: Scenario,
  amount: Pick<LoadPlan, 'connections' | 'requests' | 'seconds' | 'ratePerSecond'>,
  cost: () => Cost,
): Promise<{ result: LoadResult; cpuUsPerRequest: number | null }> {
  const before = cost().cpuMs
  const result = await load(target, scenario, amount)
  const after = cost().cpuMs
  const spentMs = before === null || after === null ? null : after - before
  const asked = Math.max(1, result.answers + result.errors)
  return { result, cpuUsPerRequest: spentMs === null ? null : (spentMs * 1000) / asked }
}

async function load(
  { port, path, headers }: Target,
  { body, expects }: Scenario,
  amount: Pick<LoadPlan, 'connections' | 'requests' | 'seconds' | 'ratePerSecond'>,
): Promise<LoadResult> {
  const plan: LoadPlan = { port, path, headers, body, expects, ...amount }
  const script = join(import.meta.dirname, 'load.ts')
  const output = await collect(loadCore, process.execPath, [script], JSON.stringify(plan))
  const result: LoadResult = JSON.parse(output)
  return result
}

async function untilReady(target: Target, scenarios: Scenario[], gateway: Started): Promise<void> {
  const [scenario] = scenarios
  const deadline = performance.now() + 90_000
  let seen = 'no connection'
  while (scenario && performance.now() < deadline && gateway.running()) {
    try {
      const response = await fetch(`http://127.0.0.1:${target.port}${target.path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...target.headers },
        body: scenario.body,
        signal: AbortSignal.timeout(10_000),
      })
      seen = `${response.status} ${await response.text()}`
      if (response.ok && scenario.expects.every((text) => seen.includes(text))) return
    } catch (error) {
      seen = String(error)
    }
    await pause(100)
  }
  throw new Error(`it never answered correctly; last: ${seen.slice(0, 400)}\n${gateway.output()}`)
}
