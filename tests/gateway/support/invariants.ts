import { setTimeout } from 'node:timers/promises'
import { expect } from 'vitest'
import type { TestGateway } from '../../clients/support/gateway.ts'
import { ask, chatBody } from './ask.ts'

/** Whatever has gone wrong before: the next normal request succeeds, no secret was written down, nobody was held up. */
export async function expectHealthy(gateway: TestGateway): Promise<void> {
  const reply = await ask(gateway, '/v1/chat/completions', chatBody('gpt'))
  expect(reply.status).toBe(200)
  expect(reply.json).toMatchObject({ choices: [{ message: { content: 'You said: hello there' } }] })
  expect(gateway.log()).not.toMatch(/sk-provider-secret|failed unexpectedly/)
  expect(gateway.log()).not.toContain(gateway.key)
  expectFreeLoop()
}

/** What keeps this process busy, by kind: sockets, servers, timers, lookups, decompressors. */
export function openHandles(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

/**
 * When gateway and provider are closed, everything they had open is: their own sockets, their clients' and those
 * between them, timers, and whatever else there was no more of before.
 */
export async function expectHandles(before: Record<string, number>): Promise<void> {
  const more = (): [string, number][] =>
    Object.entries(openHandles()).filter(([name, count]) => count > (before[name] ?? 0))
  // Not vi.waitFor, whose own timers would count.
  const untilMs = performance.now() + 5_000
  while (more().length > 0 && performance.now() < untilMs) await setTimeout(LOOK_MS)
  expect(more()).toEqual([])
}

/** How often the event loop is looked at. */
const LOOK_MS = 10
/**
 * The longest that one turn of it may take. Most of that is the tests' own work, with bodies of many megabytes, and the
 * collection of what other files have left: what is looked for takes seconds.
 */
const MAX_TURN_MS = 2_000

let longestTurnMs = 0
let before = process.threadCpuUsage()
setInterval(() => {
  const now = process.threadCpuUsage()
  longestTurnMs = Math.max(longestTurnMs, (now.user + now.system - before.user - before.system) / 1_000)
  before = now
}, LOOK_MS).unref()

/** Begins anew: what a file loads and starts before its tests keeps nobody waiting. */
export function watchLoop(): void {
  longestTurnMs = 0
  before = process.threadCpuUsage()
}

/** Nothing has kept the event loop from its work since this was last asked; a machine busy with other things does not count. */
function expectFreeLoop(): void {
  const turnMs = longestTurnMs
  watchLoop()
  expect(turnMs, 'CPU time of one turn of the event loop').toBeLessThan(MAX_TURN_MS)
}
