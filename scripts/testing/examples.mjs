import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pinnedNode, root } from '../ensure-installed.mjs'
import { run } from './command.mjs'
import { notRun } from './outcome.mjs'

/** Starts every program of docs/examples on its own; one that ends with 0 passes. It needs no provider key. */
export async function examples() {
  const folder = join(root, 'docs', 'examples')
  const programs = existsSync(folder) ? readdirSync(folder).filter((name) => /\.(ts|mjs)$/.test(name)) : []
  if (programs.length === 0) return notRun('docs/examples holds no programs')
  let passed = 0
  let output = ''
  for (const name of programs.toSorted()) {
    const result = await run(pinnedNode, [join(folder, name)])
    if (result.ok) passed += 1
    else output += `${name}\n${result.output}\n`
  }
  const failures = programs.length - passed
  const status = failures === 0 ? 'passed' : 'failed'
  return { status, passed, failed: failures, skipped: 0, output, reason: '', notes: [] }
}
