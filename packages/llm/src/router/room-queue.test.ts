import { describe, expect, test } from 'vitest'
import { createRouterEngine } from './engine.ts'
import type { RouterOptions } from './options.ts'
import { readRules } from './read-rules.ts'
import { route } from './run.ts'
import { candidateOf } from './testing/candidates.ts'
import { CHOICE } from './testing/run.ts'

/** One deployment for one request at a time; each answer ends when the test says so. */
function start(options: RouterOptions = {}) {
  const engine = createRouterEngine({ nowMs: () => 0, random: () => 0 })
  const only = candidateOf('only', { maxParallelRequests: 1 })
  const asked: string[] = []
  const rules = readRules(options)
  const send = (name: string, priority?: number) => {
    let over = false
    let tell = (): void => undefined
    const outcome = route(
      engine,
      { model: 'gpt', candidates: [only], choice: CHOICE, rules, priority },
      {
        ask: () => {
          asked.push(name)
          return name
        },
        enter: () => ({ skipped: 'there is none' }),
        sleep: () => Promise.resolve(),
        leftMs: () => 1_000,
        isOver: () => over,
        onOver: (callback) => (tell = callback),
      },
    ).catch((error: unknown) => (error as { reason?: string }).reason)
    const end = (): void => {
      over = true
      tell()
    }
    return { outcome, end }
  }
  return { asked, send, answer: () => engine.finish(only, {}), only }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

describe('requests that find every deployment full', () => {
  test('wait their turn, those with a lower priority first', async () => {
    const { asked, send, answer } = start()
    for (const [name, priority] of [['a'], ['b'], ['c', 5], ['d', 0], ['e', 5]] as const) send(name, priority)
    await settle()
    expect(asked).toEqual(['a'])
    for (const expected of ['d', 'c', 'e', 'b']) {
      answer()
      await settle()
      expect(asked.at(-1)).toBe(expected)
    }
  })

  test('have the priority of the settings where they do not say their own', async () => {
    const { asked, send, answer } = start({ default_priority: 7 })
    for (const [name, priority] of [['a'], ['b', 9], ['c'], ['d', 3]] as const) send(name, priority)
    for (const expected of ['a', 'd', 'c', 'b']) {
      await settle()
      expect(asked.at(-1)).toBe(expected)
      answer()
    }
  })

  test('hear that all are full when their time is over, and leave the turn to others', async () => {
    const { asked, send, answer } = start()
    send('a')
    const late = send('late')
    send('b')
    await settle()
    late.end()
    expect(await late.outcome).toBe('deployments_at_limit')
    answer()
    await settle()
    expect(asked).toEqual(['a', 'b'])
  })

  test('do not wait for one that is left alone meanwhile: all hear of it', async () => {
    const { send, answer, only } = start()
    send('a')
    const waiting = [send('b'), send('c')]
    await settle()
    only.state.cooldown = { untilMs: 60_000, code: 'internal', status: 500, why: 'it failed' }
    answer()
    expect(await Promise.all(waiting.map(({ outcome }) => outcome))).toEqual([
      'no_deployment_available',
      'no_deployment_available',
    ])
  })
})
