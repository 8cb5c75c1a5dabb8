/** Lets so many in at once; the others wait in line, up to a length. */
export interface Slots {
  /** Runs `work` when there is room. @throws what `full` gives when the line is too long. */
  run: <T>(work: () => Promise<T>) => Promise<T>
}

export function createSlots(count: number, maxWaiting: number, full: () => Error): Slots {
  const waiting: (() => void)[] = []
  let free = count
  return {
    run: async (work) => {
      if (free > 0) free--
      else if (waiting.length >= maxWaiting) throw full()
      // Whoever leaves hands over the place, so nobody can take it in between.
      else await new Promise<void>((go) => waiting.push(go))
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        if (next === undefined) free++
        else next()
      }
    },
  }
}
