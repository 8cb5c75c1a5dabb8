import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Checkpointer } from '@switchyard/graph'
import { PostgresSaver } from '@switchyard/graph/postgres'
import { SqliteSaver } from '@switchyard/graph/sqlite'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crashGraph, finish } from './support/crash-graph.ts'

const url = process.env['SWITCHYARD_TEST_POSTGRES_URL'] ?? ''
const folder = mkdtempSync(join(tmpdir(), 'switchyard-crash-'))
/** The program that is killed, in one file: most of its life is loading it. It stands where its packages are found. */
const joined = join(import.meta.dirname, '../../node_modules/.cache', `switchyard-crash-${randomUUID()}`)
const child = join(joined, 'killed-run.js')

beforeAll(async () => {
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'support/killed-run.ts'),
    platform: 'node',
    external: /^(node:|pg$|ioredis$)/,
  })
  await bundle.write({ dir: joined, format: 'esm', entryFileNames: 'killed-run.js' })
  await bundle.close()
  writeFileSync(join(joined, 'package.json'), '{"type":"module"}')
})

afterAll(() => {
  for (const made of [folder, joined]) rmSync(made, { recursive: true })
})
/** Channels of what a task leaves behind although it is not finished. */
const UNFINISHED = new Set(['__interrupt__', '__error__', '__resume__'])

const EXPECTED = {
  topics: ['a', 'b', 'c'],
  drafts: ['about a', 'about b', 'about c'],
  summary: { text: 'about a, about b, about c', written: new Date(0) },
  approved: true,
  trail: ['plan', 'write a', 'write b', 'write c', 'gather', 'ask', 'end'],
}

interface Ended {
  killed: boolean
  output: string
}

async function run(...parameters: string[]): Promise<Ended> {
  const process_ = spawn(process.execPath, [child, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
  })
  const ended = new Promise<string | null>((resolve) =>
    process_.on('exit', (_code, signal) => resolve(signal)),
  )
  const [output, signal] = await Promise.all([text(process_.stdout), ended])
  return { killed: signal === 'SIGKILL', output }
}

interface Effect {
  id: string
  name: string
}

function readEffects(file: string): Effect[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ id: line.slice(0, line.indexOf(' ')), name: line.slice(line.indexOf(' ') + 1) }))
}

/**
 * Takes the thread up after the crash, and looks at what became of it.
 *
 * @returns whether the crash was in the midst of a step of which some tasks were finished
 */
async function takeUp(saver: Checkpointer, effectsBefore: readonly Effect[]): Promise<boolean> {
  const head = await saver.load({ thread: 'crash', namespace: '' })
  const finished = new Set<string>()
  for await (const { pendingWrites } of saver.history({ thread: 'crash' }))
    for (const { taskId, channel } of pendingWrites) if (!UNFINISHED.has(channel)) finished.add(taskId)
  const effectsAfter: Effect[] = []
  expect(await finish(crashGraph(saver, (effect) => effectsAfter.push(effect)))).toEqual(EXPECTED)
  // What was finished and stored is not run again.
  expect(effectsAfter.filter(({ id }) => finished.has(id))).toEqual([])
  // A task that has to run again does so under the same id, so that an effect keyed by it happens once.
  const byName = Map.groupBy([...effectsBefore, ...effectsAfter], ({ name }) => name)
  expect([...byName.keys()].toSorted()).toEqual(EXPECTED.trail.toSorted())
  for (const [name, effects] of byName) expect(new Set(effects.map(({ id }) => id)).size, name).toBe(1)
  return head?.pendingWrites.some(({ channel }) => !UNFINISHED.has(channel)) === true
}

/** Kills a run at each operation in turn, until one ends undisturbed. */
async function killEverywhere(
  kind: 'sqlite' | 'postgres',
  open: (storage: string) => Promise<{ saver: Checkpointer; close: () => void | Promise<void> }>,
  edges: readonly string[],
): Promise<{ kills: number; inMidstep: number }> {
  const counted = { kills: 0, inMidstep: 0 }
  async function killAt(operation: number, edge: string): Promise<boolean> {
    const storage = kind === 'sqlite' ? join(folder, randomUUID()) : randomUUID()
    const effects = join(folder, randomUUID())
    if (kind === 'postgres') await (await open(storage)).close()
    const { killed } = await run(kind, storage, effects, String(operation), edge)
    const { saver, close } = await open(storage)
    if (await takeUp(saver, readEffects(effects))) counted.inMidstep += 1
    await close()
    if (killed) counted.kills += 1
    return killed
  }
  for (const edge of edges) {
    // Two at a time: most of it is the start of a process.
    for (let operation = 1; ; operation += 2) {
      const killed = await Promise.all([killAt(operation, edge), killAt(operation + 1, edge)])
      if (killed.includes(false)) break
    }
  }
  return counted
}

describe('a run whose process is killed at any storage operation', () => {
  it('ends as if nothing had happened: SQLite', { timeout: 300_000 }, async () => {
    const open = (file: string) => {
      const saver = SqliteSaver.fromConnString(file)
      return Promise.resolve({ saver, close: () => saver.close() })
    }
    // Every statement within the transactions of eight supersteps, and those that make the tables.
    const { kills, inMidstep } = await killEverywhere('sqlite', open, [''])
    expect(kills).toBeGreaterThan(60)
    expect(inMidstep).toBeGreaterThan(0)
  })

  if (url === '') console.warn('not run: PostgreSQL (SWITCHYARD_TEST_POSTGRES_URL is not set)')

  it.skipIf(url === '')('ends as if nothing had happened: PostgreSQL', { timeout: 300_000 }, async () => {
    const open = async (schema: string) => {
      const saver = PostgresSaver.fromConnString(url, { schema })
      await saver.setup()
      return { saver, close: () => saver.end() }
    }
    const { kills, inMidstep } = await killEverywhere('postgres', open, ['before', 'sent'])
    expect(kills).toBeGreaterThan(20)
    expect(inMidstep).toBeGreaterThan(0)
  })
})
