import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../ensure-installed.mjs'
import { run } from './command.mjs'

const script = join(root, 'scripts', 'services.sh')

/**
 * Starts the named services ('postgres', 'redis') on free ports in a temporary folder.
 * @returns {Promise<{ environment: Record<string, string>, problem?: string, stop: () => Promise<void> }>}
 *   `environment` is what the tests find them by; `problem` says why a service could not start.
 */
export async function startServices(names) {
  if (names.length === 0) return { environment: {}, stop: async () => {} }
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-services-'))
  const stop = async () => {
    await run('bash', [script, 'stop', folder])
  }
  const result = await run('bash', [script, 'start', folder, ...names])
  if (!result.ok) {
    await stop()
    return { environment: {}, problem: result.output, stop: async () => {} }
  }
  const exports = result.output.matchAll(/^export (\w+)='?([^'\n]*)'?$/gm)
  return { environment: Object.fromEntries([...exports].map(([, name, value]) => [name, value])), stop }
}
