import { storeError } from '../store-error.ts'

/** One after the other, in the order they came. */
export interface Turns {
  /** @throws `db_overloaded` when too many wait already, or when the turn does not come in time. */
  take: () => Promise<void>
  pass: () => void
}

export function createTurns({ waitMs, maxWaiting }: { waitMs: number; maxWaiting: number }): Turns {
  const waiting = new Set<() => void>()
  let taken = false
  return {
    take: async () => {
      if (!taken) {
        taken = true
        return
      }
      if (waiting.size >= maxWaiting) throw overloaded(`${maxWaiting} queries wait for it already`)
      await new Promise<void>((resolve, reject) => {
        const go = (): void => {
          clearTimeout(timer)
          resolve()
        }
        const timer = setTimeout(() => {
          waiting.delete(go)
          reject(overloaded(`a query waited ${waitMs} ms for its turn`))
        }, waitMs)
        waiting.add(go)
      })
    },
    pass: () => {
      const [next] = waiting
      if (next === undefined) {
        taken = false
        return
      }
      waiting.delete(next)
      next()
    },
  }
}

function overloaded(why: string): Error {
  return storeError('db_overloaded', `The database is overloaded: ${why}. Try again later.`)
}
