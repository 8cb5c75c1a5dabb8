import { randomUUID } from 'node:crypto'

/**
 * A UUID of version 7: what is made later sorts behind what was made before. Indexes over ids then grow at their end,
 * and a batch of the ledger changes a few of their pages instead of one for each request.
 */
export function timeOrderedId(nowMs: number = Date.now()): string {
  const time = nowMs.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}
