export { SqliteStore } from './store/sqlite.ts'
