export { PostgresStore } from './store/postgres.ts'
export type { PostgresStoreOptions, SqlClient, SqlPool } from './store/postgres.ts'
