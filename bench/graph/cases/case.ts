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

/** A slow library is not measured for longer than this, but for some runs at least. */
const MEASURE_MS = 4_000
const MIN_RUNS = 5

type Run = (index: number) => Promise<unknown>

/** The median of several runs' times, after some that do not count. */
export async function medianMs(runs: number, run: Run): Promise<number> {
  const [median] = await mediansMs(runs, [run])
  return median ?? Number.NaN
}

/** As {@link medianMs}, of several things that take turns, so that what else the machine does falls on each. */
export async function mediansMs(runs: number, list: readonly Run[]): Promise<number[]> {
  const times = list.map((): number[] => [])
  let index = 0
  const warmAtMs = performance.now() + WARM_UP_MS * list.length
  while (performance.now() < warmAtMs) for (const run of list) await run(index++)
  const endMs = performance.now() + MEASURE_MS * list.length
  for (let round = 0; round < runs; round++) {
    if (round >= MIN_RUNS && performance.now() > endMs) break
    for (const [at, run] of list.entries()) {
      const beforeMs = performance.now()
      await run(index++)
      times[at]?.push(performance.now() - beforeMs)
    }
  }
  return times.map((each) => quantile(each, 0.5))
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
