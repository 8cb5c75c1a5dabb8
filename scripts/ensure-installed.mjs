// Plain JavaScript that any Node ≥ 18 runs, because it runs before the pinned Node is installed.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Absolute path of the Node this project pins; spawn this one, whatever the machine's own is. */
export const pinnedNode = join(root, 'node_modules', '.bin', 'node')

/**
 * Why `node_modules` cannot be used as it is, or undefined when it matches `package-lock.json`.
 * npm keeps its own record of what it installed; comparing against that also accepts a plain `npm install`.
 */
export function staleness(directory = root) {
  const installed = readJson(join(directory, 'node_modules', '.package-lock.json'))
  if (installed === undefined) return 'dependencies are not installed'
  if (!existsSync(join(directory, 'node_modules', '.bin', 'node'))) return 'the pinned Node is missing'
  const locked = readJson(join(directory, 'package-lock.json'))
  if (locked === undefined) return undefined
  for (const [path, entry] of Object.entries(locked.packages)) {
    if (!path.includes('node_modules/')) continue
    const actual = installed.packages[path]
    if (actual === undefined && (entry.optional === true || entry.devOptional === true)) continue
    if (actual === undefined) return `${path} is missing`
    if (actual.version !== entry.version) return `${path} is not at version ${entry.version}`
  }
  return undefined
}

/** Installs when needed. Quiet but for one line; a failed install shows npm's output and ends the process. */
export function ensureInstalled() {
  const reason = staleness()
  if (reason === undefined) return
  const command = existsSync(join(root, 'package-lock.json')) ? 'ci' : 'install'
  process.stderr.write(`Installing dependencies (npm ${command}): ${reason} …\n`)
  const result = spawnSync('npm', [command, '--no-progress'], {
    cwd: root,
    encoding: 'utf8',
    env: environmentWithoutLocalBin(),
    maxBuffer: 64 * 1024 * 1024,
  })
  const left = result.error === undefined && result.status === 0 ? staleness() : undefined
  if (result.status === 0 && left === undefined) return
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`)
  process.stderr.write(
    `npm ${command} failed: ${result.error?.message ?? left ?? `exit code ${result.status}`}\n`,
  )
  process.exit(1)
}

/** npm must not run on the Node inside the folder that it is about to replace. */
function environmentWithoutLocalBin() {
  const isLocal = (entry) => entry.startsWith(join(root, 'node_modules'))
  const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => !isLocal(entry))
  // Run by npm from a global install it would pass its own NODE on; the child finds its own.
  const { NODE: _node, npm_node_execpath: _path, ...rest } = process.env
  return { ...rest, PATH: path.join(delimiter) }
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
