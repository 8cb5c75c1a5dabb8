import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const program = join(import.meta.dirname, 'support/many-runs.ts')
const RUNS = 10_000
const SAMPLES = 20

/** Bytes that a run leaves behind, by the least that was in use early and late: more than that is not collected yet. */
function growthPerRun(heap: readonly number[]): number {
  const quarter = SAMPLES / 4
  const early = Math.min(...heap.slice(quarter, 2 * quarter))
  const late = Math.min(...heap.slice(-quarter))
  return (late - early) / (RUNS / 2)
}

test(
  'ten thousand runs with one signal and one saver leave nothing behind',
  { timeout: 120_000 },
  async () => {
    const parameters = ['--expose-gc', program, String(RUNS), String(SAMPLES)]
    const { stdout } = await promisify(execFile)(process.execPath, parameters)
    const { heap, warnings } = JSON.parse(stdout) as { heap: number[]; warnings: string[] }
    expect(warnings).toEqual([])
    // The first quarter fills the saver, and compiles. A forgotten listener alone would be some hundred bytes a run.
    expect(growthPerRun(heap)).toBeLessThan(40)
  },
)
