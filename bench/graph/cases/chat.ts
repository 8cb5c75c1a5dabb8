import { readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Client } from 'pg'
import { open } from '../library.ts'
import type { GraphLibrary, Kept, SaverModule } from '../library.ts'
import type { Case, CasePlace, Figures } from './case.ts'
import { quantile } from './case.ts'

const TURNS = 500
const TEXT_LENGTH = 500

/** A conversation: two messages a turn, kept after each. */
export const chat: readonly Case[] = [
  {
    id: 'chat-memory',
    title: '500-turn chat, MemorySaver',
    target: { better: 'less', times: 20 },
    measure: (place) => measure(place, inMemory),
  },
  {
    id: 'chat-sqlite',
    title: '500-turn chat, SQLite',
    target: { better: 'less', times: 20 },
    measure: (place) => measure(place, inSqlite),
  },
  {
    id: 'chat-postgres',
    title: '500-turn chat, PostgreSQL',
    target: { better: 'less', times: 20 },
    needs: 'postgres',
    measure: (place) => measure(place, inPostgres),
  },
]

interface Message {
  role: string
  content: string
}

async function measure(place: CasePlace, keep: (place: CasePlace) => Promise<Kept>): Promise<Figures> {
  const { StateGraph, Annotation, START, END } = await open<GraphLibrary>(place.folder, 'graph')
  const { saver, storedBytes, close } = await keep(place)
  const messages = Annotation({
    reducer: (left: readonly Message[], right: readonly Message[]) => left.concat(right),
    default: () => [],
  })
  const graph = new StateGraph(Annotation.Root({ messages }))
    .addNode('answer', (state: { messages: readonly Message[] }) => ({
      messages: [{ role: 'assistant', content: textOf(state.messages.length) }],
    }))
    .addEdge(START, 'answer')
    .addEdge('answer', END)
    .compile({ checkpointer: saver })
  const config = { configurable: { thread_id: 'chat' } }
  const turns: number[] = []
  const beforeMs = performance.now()
  for (let turn = 0; turn < TURNS; turn++) {
    const turnMs = performance.now()
    const state = await graph.invoke({ messages: [{ role: 'user', content: textOf(turn) }] }, config)
    turns.push(performance.now() - turnMs)
    if ((state['messages'] as unknown[]).length !== (turn + 1) * 2)
      throw new Error(`turn ${turn} lost a message`)
  }
  const totalMs = performance.now() - beforeMs
  const stored = await storedBytes()
  await close()
  const around = (turn: number): number => quantile(turns.slice(turn - 10, turn + 10), 0.5)
  return {
    'total ms': totalMs,
    'stored MB': stored / 1e6,
    'ms at turn 10': around(10),
    'ms at turn 500': around(TURNS - 10),
    'turn 500 / turn 10': around(TURNS - 10) / around(10),
  }
}

/** Not the same text twice, so that nothing is stored once for all turns. */
function textOf(seed: number): string {
  let text = ''
  for (let at = 1; text.length < TEXT_LENGTH; at++) text += `${((seed + 1) * 7_919 * at) % 99_991} `
  return text.slice(0, TEXT_LENGTH)
}

async function inMemory({ folder }: CasePlace): Promise<Kept> {
  const { MemorySaver } = await open<GraphLibrary>(folder, 'graph')
  globalThis.gc?.()
  const before = process.memoryUsage()
  const saver = new MemorySaver()
  return {
    saver,
    storedBytes: () => {
      globalThis.gc?.()
      const after = process.memoryUsage()
      return Promise.resolve(after.heapUsed + after.external - before.heapUsed - before.external)
    },
    close: () => Promise.resolve(),
  }
}

async function inSqlite({ folder, scratch }: CasePlace): Promise<Kept> {
  const { SqliteSaver } = await open<SaverModule>(folder, 'sqlite')
  const saver = SqliteSaver.fromConnString(join(scratch, 'chat.sqlite'))
  return {
    saver,
    storedBytes: () =>
      Promise.resolve(
        readdirSync(scratch).reduce((sum, name) => sum + statSync(join(scratch, name)).size, 0),
      ),
    close: () => Promise.resolve(),
  }
}

async function inPostgres({ folder, postgresUrl }: CasePlace): Promise<Kept> {
  const { PostgresSaver } = await open<SaverModule>(folder, 'postgres')
  const pg = createRequire(join(folder, 'graph.mjs'))('pg') as { Client: typeof Client }
  const client = new pg.Client({ connectionString: postgresUrl })
  await client.connect()
  await client.query('drop schema public cascade; create schema public')
  const saver = PostgresSaver.fromConnString(postgresUrl)
  await saver.setup()
  return {
    saver,
    storedBytes: async () => {
      const { rows } = await client.query(
        `select sum(pg_total_relation_size(c.oid))::float8 as bytes from pg_class c
         join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')`,
      )
      return Number(rows[0]?.bytes)
    },
    close: async () => {
      await saver.end?.()
      await client.end()
    },
  }
}
