/** One measurement of one library. */
export interface Case {
  id: string
  title: string
  /** Figures by name; the first is what subjects are compared by. */
  measure: (place: CasePlace) => Promise<Figures>
  /** Whether more of the first figure is better, and how many times the other library's it shall be. */
  target?: { better: 'more' | 'less'; times: number } | undefined
  needs?: 'postgres' | undefined
}

export interface CasePlace {
  /** Where the library is installed. */
  folder: string
  leanFolder: string
  /** An empty folder to write into. */
  scratch: string
  /** A database that may be filled. */
  postgresUrl: string
}

export type Figures = Readonly<Record<string, number>>

/** Compilers take their time: a library is measured when it has run for this long, whichever it is. */
const WARM_UP_MS = 1_500

/** The median of several runs' times, after some that do not count. */
export async function medianMs(runs: number, run: (index: number) => Promise<unknown>): Promise<number> {
  let index = 0
  const warmAtMs = performance.now() + WARM_UP_MS
  while (performance.now() < warmAtMs) await run(index++)
  const times: number[] = []
  while (times.length < runs) {
    const beforeMs = performance.now()
    await run(index++)
    times.push(performance.now() - beforeMs)
  }
  return quantile(times, 0.5)
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
