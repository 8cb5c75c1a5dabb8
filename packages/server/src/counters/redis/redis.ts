import { setTimeout as sleep } from 'node:timers/promises'
import { CountersUnavailable } from '../../policy/counters.ts'
import type {
  Admission,
  AdmissionResult,
  BudgetKey,
  BudgetState,
  LoadBalances,
  Settlement,
} from '../../policy/counters.ts'
import { scopeName } from '../../policy/scope.ts'
import { runScript } from '../../redis/script.ts'
import type { RedisCommands, Script } from '../../redis/script.ts'
import { unknownBalances } from '../balances.ts'
import type { Breaker } from '../breaker.ts'
import { RATE_WINDOW_MS } from '../rate-window.ts'
import type { SharedCounters } from '../shared-counters.ts'
import { createEpoch } from './epoch.ts'
import { admittedOf, nameOf, orphansOf, refusedOf } from './replies.ts'
import * as scripts from './scripts.ts'

/** Budgets that nobody asked for in this time begin anew from the ledger. */
const IDLE_MS = 86_400_000
/** How long requests that are over stay known, so that telling their end twice changes nothing. */
const CLOSED_MS = 300_000
/** How long the truth may correct an estimate. */
const PRESUMED_MS = 86_400_000
/** Doubtful budgets looked at in one call. */
const DOUBTFUL_AT_ONCE = 1_000
/** A budget that was quiet for so long has everything it spent in the ledger. */
const QUIET_MS = 30_000
const DEFAULT_LEASE_MS = 60_000
/** Seeding and losing everything in turn end some time. */
const ATTEMPTS = 8

/** Budgets and what they begin with. */
type Seeds = readonly (readonly [name: string, picoUsd: string])[]

export interface RedisCountersInput {
  readonly redis: RedisCommands
  /** Begins all keys; instances with the same one share everything. */
  readonly prefix: string
  readonly breaker: Breaker
  readonly load: LoadBalances
  /** Brings everything that this instance has settled into the ledger's database. */
  readonly flushLedger: () => Promise<void>
  readonly newId: () => string
  readonly nowMs: () => number
  /** How long holds outlive this process, before it has made any. */
  readonly leaseMs?: number | undefined
  /** See `EpochInput`. */
  readonly heartbeatMs?: number | undefined
  readonly patienceMs?: number | undefined
}

/** Counters that several instances share in Redis. `admit` and `settle` are one call each, see scripts.ts. */
export function createRedisCounters(input: RedisCountersInput): SharedCounters {
  const { redis, breaker, load } = input
  const key = `{${input.prefix}}`
  const loading = new Map<string, Promise<bigint>>()
  /**
   * Budgets that began anew after everything was lost. What ended at that moment may be in them twice, so they begin
   * anew from the ledger as soon as nobody uses them.
   */
  const doubtful = new Set<string>()
  let lastLeaseMs = input.leaseMs ?? DEFAULT_LEASE_MS

  const send = (script: Script, fields: object): Promise<readonly unknown[]> =>
    breaker.run(() => runScript(redis, script, key, fields))

  const epoch = createEpoch({
    send,
    flushLedger: async () => {
      await input.flushLedger().catch(unknownBalances)
    },
    newId: input.newId,
    heartbeatMs: input.heartbeatMs ?? 200,
    patienceMs: input.patienceMs ?? 5_000,
    sleep: async (ms) => await sleep(ms, undefined, { ref: false }),
    register: async (holds, current) => {
      const keys = new Map(
        holds.flatMap(({ budgets }) => budgets.map((line) => [nameOf(line), line] as const)),
      )
      for (const name of keys.keys()) doubtful.add(name)
      // Asked before everybody's ledger was flushed.
      loading.clear()
      await send(scripts.register, {
        epoch: current,
        idleMs: IDLE_MS,
        untilMs: input.nowMs() + lastLeaseMs,
        seedsOf: current,
        seeds: await seedsOf([...keys.values()]),
        holds: holds.map(({ id, owner, picoUsd, lines, opening }) => ({
          id,
          owner,
          hold: String(picoUsd),
          lines,
          opening,
        })),
      })
    },
  })

  /** Sends within the epoch; when everything was lost meanwhile, what is held is told again first. */
  async function ask(script: Script, fields: object): Promise<readonly unknown[]> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const reply = await send(script, { ...fields, epoch: epoch.current() })
      if (reply[0] !== 'epoch') return reply
      await epoch.join()
    }
    throw new CountersUnavailable('Redis loses everything again and again.', { wasAsked: true })
  }

  /** What the ledger has, asked once for requests that come together. */
  async function seedsOf(keys: readonly BudgetKey[]): Promise<Seeds> {
    const fresh = keys.filter((line) => !loading.has(nameOf(line)))
    if (fresh.length > 0) {
      const loaded = load(fresh).catch(unknownBalances)
      for (const [index, line] of fresh.entries())
        loading.set(
          nameOf(line),
          loaded.then((spent) => spent[index] ?? 0n),
        )
    }
    const seeds = keys.map(async (line) => [nameOf(line), String(await loading.get(nameOf(line)))] as const)
    try {
      return await Promise.all(seeds)
    } finally {
      for (const line of fresh) loading.delete(nameOf(line))
    }
  }

  async function admit(admission: Admission): Promise<AdmissionResult> {
    const { requestId, owner, nowMs, leaseMs, rule, hold, budgets, rates, parallels } = admission
    lastLeaseMs = leaseMs
    const opening = admission.opening()
    const fields = {
      id: requestId,
      owner,
      opening,
      now: nowMs,
      untilMs: nowMs + leaseMs,
      windowMs: RATE_WINDOW_MS,
      idleMs: IDLE_MS,
      postpaid: rule === 'postpaid',
      wanted: String(hold.wantedPicoUsd),
      floor: String(hold.floorPicoUsd),
      least: String(hold.leastPicoUsd),
      budgets: budgets.map((line) => [
        nameOf(line),
        ...(line.maxPicoUsd === undefined ? [] : [String(line.maxPicoUsd)]),
      ]),
      rates: rates.map(({ scope, unit, max, amount }) => [
        `${unit}/${scopeName(scope)}`,
        max,
        amount,
        unit === 'tokens',
      ]),
      parallels: parallels.map(({ scope, max }) => [scopeName(scope), max]),
    }
    let seeds: Seeds = []
    let loadedIn = ''
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [word, ...reply] = await ask(scripts.admit, { ...fields, seeds, seedsOf: loadedIn })
      if (word === 'missing') {
        loadedIn = epoch.current()
        seeds = await seedsOf(budgets.filter((line) => reply.includes(nameOf(line))))
        continue
      }
      const result = word === 'ok' ? admittedOf(admission, reply) : refusedOf(reply)
      if (result.admitted)
        epoch.keep({
          id: requestId,
          owner,
          picoUsd: result.holdPicoUsd,
          budgets:
            rule === 'postpaid' ? budgets.map(({ scope, windowId }) => ({ scope, windowId })) : budgets,
          lines: { b: budgets.map(nameOf), t: [], p: parallels.map(({ scope }) => scopeName(scope)) },
          opening,
        })
      return result
    }
    throw new CountersUnavailable('Redis forgets budgets as soon as it is told of them.', { wasAsked: true })
  }

  async function extend(requestId: string, morePicoUsd: bigint): Promise<boolean> {
    const hold = epoch.held(requestId)
    if (hold === undefined) return false
    const budgets = hold.budgets.map((line) => [
      nameOf(line),
      ...(line.maxPicoUsd === undefined ? [] : [String(line.maxPicoUsd)]),
    ])
    const [word] = await ask(scripts.extend, { id: requestId, more: String(morePicoUsd), budgets })
    if (word !== 'ok') return false
    hold.picoUsd += morePicoUsd
    return true
  }

  async function settle({
    requestId,
    nowMs,
    costPicoUsd,
    isPresumed = false,
    tokens,
  }: Settlement): Promise<void> {
    await ask(scripts.settle, {
      id: requestId,
      now: nowMs,
      cost: String(costPicoUsd),
      isPresumed,
      closedMs: CLOSED_MS,
      presumedMs: PRESUMED_MS,
      ...(tokens === undefined ? {} : { tokens }),
    })
    epoch.drop(requestId)
  }

  /** Without its ledger a budget cannot begin anew. */
  async function clearableOf(names: readonly string[]): Promise<readonly string[]> {
    if (names.length === 0) return []
    return await input.flushLedger().then(
      () => names,
      () => [],
    )
  }

  async function read(keys: readonly BudgetKey[]): Promise<readonly BudgetState[]> {
    const [, ...reply] = await ask(scripts.read, { names: keys.map(nameOf) })
    const missing = keys.filter((_, index) => reply[2 * index] === '')
    const seeds = new Map(missing.length === 0 ? [] : await seedsOf(missing))
    return keys.map((line, index) => ({
      settledPicoUsd: BigInt(seeds.get(nameOf(line)) ?? String(reply[2 * index])),
      reservedPicoUsd: BigInt(String(reply[2 * index + 1])),
    }))
  }

  return {
    admit,
    extend,
    settle,
    read,
    instances: epoch.instances,
    addSpent: async ({ requestId, nowMs, keys, costPicoUsd }) => {
      await ask(scripts.addSpent, {
        id: requestId,
        now: nowMs,
        names: keys.map(nameOf),
        cost: String(costPicoUsd),
        closedMs: CLOSED_MS,
      })
    },
    renew: async (owner, nowMs) => {
      const names = await clearableOf([...doubtful].slice(0, DOUBTFUL_AT_ONCE))
      const [, ...inUse] = await ask(scripts.renew, {
        owner,
        now: nowMs,
        untilMs: nowMs + lastLeaseMs,
        quietMs: QUIET_MS,
        doubtful: names,
      })
      for (const name of names) if (!inUse.includes(name)) doubtful.delete(name)
    },
    takeOrphans: async (owner, nowMs, limit) => {
      const [, ...reply] = await ask(scripts.takeOrphans, {
        owner,
        now: nowMs,
        untilMs: nowMs + lastLeaseMs,
        limit,
      })
      return orphansOf(reply)
    },
    close: () => {
      epoch.stop()
      return Promise.resolve()
    },
  }
}
