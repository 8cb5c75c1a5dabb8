import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pinnedNode, root } from '../ensure-installed.mjs'
import { run } from './command.mjs'
import { notRun } from './outcome.mjs'

/**
 * Starts every program of docs/examples and of examples on its own; one that ends with 0 passes, in examples if it has
 * shown something. None needs a provider's key.
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
  let passed = 0
  let output = ''
  for (const program of programs) {
    const result = await run(pinnedNode, [program])
    const mayBeSilent = program.startsWith(join(root, 'docs'))
    if (result.ok && (mayBeSilent || result.output.trim() !== '')) passed += 1
    else output += `${relative(root, program)}\n${result.output || 'showed nothing'}\n`
  }
  const failures = programs.length - passed
  const status = failures === 0 ? 'passed' : 'failed'
  return { status, passed, failed: failures, skipped: 0, output, reason: '', notes: [] }
}
