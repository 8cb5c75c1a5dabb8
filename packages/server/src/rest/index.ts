export { createRest } from './rest.ts'
export type { Rest } from './rest.ts'
