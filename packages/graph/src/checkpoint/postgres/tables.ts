import type pg from 'pg'
import { STATEMENTS } from './statements.ts'
import type { StatementName } from './statements.ts'

/** PostgreSQL's code for a table that is not there. */
const UNDEFINED_TABLE = '42P01'

/** Runs a statement, in which `{s}` is the schema, and answers with its rows as the driver has them. */
export type Query = (text: string, values?: readonly unknown[]) => Promise<readonly unknown[]>

/** The tables of one schema. */
export interface Tables {
  readonly query: Query
  /** Runs one of the statements that are run often, prepared unless that is switched off. */
  readonly run: (name: StatementName, values: readonly unknown[]) => Promise<readonly unknown[]>
  readonly transaction: <Result>(work: (query: Query) => Promise<Result>) => Promise<Result>
}

let opened = 0

/** @param schema as it is written in SQL, in its quotes */
export function openTables(pool: pg.Pool, schema: string, isPrepared: boolean): Tables {
  // Savers of several schemas may share a pool; a name stands for one text only.
  opened += 1
  const namePrefix = `switchyard_${opened}`
  const located = (text: string): string => text.replaceAll('{s}', schema)

  async function answer(ask: () => Promise<{ rows: readonly unknown[] }>): Promise<readonly unknown[]> {
    try {
      return (await ask()).rows
    } catch (error) {
      if ((error as { code?: unknown }).code !== UNDEFINED_TABLE) throw error
      throw new Error(
        `PostgresSaver: the tables are not there in schema ${schema}. Call \`await saver.setup()\` once before the first use.`,
        { cause: error },
      )
    }
  }

  return {
    query: async (text, values) => answer(() => pool.query(located(text), values as unknown[])),
    async run(name, values) {
      const prepared = isPrepared ? { name: `${namePrefix}_${name}` } : {}
      const text = located(STATEMENTS[name])
      return answer(() => pool.query({ ...prepared, text, values: values as unknown[] }))
    },
    async transaction(work) {
      const client = await pool.connect()
      let broken: Error | undefined
      try {
        await client.query('BEGIN')
        const result = await work(async (text, values) =>
          answer(() => client.query(located(text), values as unknown[])),
        )
        await client.query('COMMIT')
        return result
      } catch (error) {
        await client.query('ROLLBACK').catch((failure: unknown) => {
          broken = failure as Error
        })
        throw error
      } finally {
        client.release(broken)
      }
    },
  }
}
