import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { pinnedNode, root } from '../ensure-installed.mjs'
import { run } from './command.mjs'
import { notRun } from './outcome.mjs'

/**
 * Starts every program of docs/examples and of examples on its own, as many at once as there are cores; one that ends
 * with 0 passes, in examples if it has shown something. None needs a provider's key.
 */
export async function examples() {
  const folders = ['docs/examples', 'examples'].map((folder) => join(root, folder))
  const programs = folders.flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => /\.(ts|mjs)$/.test(name))
          .toSorted()
          .map((name) => join(folder, name))
      : [],
  )
  if (programs.length === 0) return notRun('docs/examples and examples hold no programs')
  const complaints = new Map()
  const waiting = programs.values()
  const lane = async () => {
    for (const program of waiting) {
      const result = await run(pinnedNode, [program])
      const mayBeSilent = program.startsWith(join(root, 'docs'))
      if (result.ok && (mayBeSilent || result.output.trim() !== '')) continue
      complaints.set(program, `${relative(root, program)}\n${result.output || 'showed nothing'}\n`)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  const failures = complaints.size
  const passed = programs.length - failures
  const output = programs.map((program) => complaints.get(program) ?? '').join('')
  const status = failures === 0 ? 'passed' : 'failed'
  return { status, passed, failed: failures, skipped: 0, output, reason: '', notes: [] }
}
