import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../ensure-installed.mjs'
import { run } from './command.mjs'

const script = join(root, 'scripts', 'services.sh')

/**
 * Starts the named services ('postgres', 'redis') on free ports in a temporary folder. They end with this process,
 * however it ends short of being killed.
 * @param {readonly string[]} names
 * @returns {Promise<{ environment: Record<string, string>, problem?: string }>}
 *   `environment` is what the tests find them by; `problem` says why a service could not start.
 */
export async function startServices(names) {
  if (names.length === 0) return { environment: {} }
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-services-'))
  process.on('exit', () => spawnSync('bash', [script, 'stop', folder], { stdio: 'ignore' }))
  const result = await run('bash', [script, 'start', folder, ...names])
  if (!result.ok) return { environment: {}, problem: result.output }
  const exports = result.output.matchAll(/^export (\w+)=(.*)$/gm)
  return { environment: Object.fromEntries([...exports].map(([, name, value]) => [name, value])) }
}
