import { parseScopeName, scopeName } from '../policy/scope.ts'
import type { Database } from '../store/database.ts'
import { testDatabases } from '../store/testing/databases.ts'
import { describeSharedCounters } from './counters.contract.ts'
import { patientBreaker } from './testing/breaker.ts'
import { createPostgresCounters } from './postgres.ts'

const postgres = testDatabases.find(({ dialect }) => dialect === 'postgres')

let opened: Promise<Database> | undefined

describeSharedCounters('counters in PostgreSQL', async () => {
  const database = await (opened ??= postgres?.open())
  if (database === undefined) throw new Error('there is no PostgreSQL among the test databases')
  for (const table of ['counters', 'reservations', 'balances'] as const)
    await database.kysely.deleteFrom(table).execute()
  return {
    open: async () => await createPostgresCounters({ database, breaker: patientBreaker() }),
    spent: async ({ scope, windowId }, picoUsd) => {
      const { kind, id } = parseScopeName(scopeName(scope))
      await database.kysely
        .insertInto('balances')
        .values({
          scope_kind: kind,
          scope_id: id,
          window_id: windowId,
          settled_pico_usd: picoUsd,
          requests: 1,
          tokens: 1,
          updated_ms: 0,
        })
        .execute()
    },
  }
})
