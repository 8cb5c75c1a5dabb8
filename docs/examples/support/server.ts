import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `switchyard start` in a process of its own, with a data directory of its own; its master key is `sk-example`. */
export interface ServerProcess {
  url: string
  /** The command line, what it is to be run with, and the data directory. */
  program: string
  options: { cwd: string; env: NodeJS.ProcessEnv; encoding: 'utf8' }
  data: string
  /** Ends it by a signal; the data stay. */
  kill: (signal?: NodeJS.Signals) => Promise<void>
  /** Removes the data. */
  remove: () => void
}

/** Starts it on a free port of this machine, with a configuration or else with other arguments. */
export async function startServer(given: { yaml: string } | { args: string[] }): Promise<ServerProcess> {
  const program = fileURLToPath(new URL('../../../packages/server/bin/switchyard.js', import.meta.url))
  const data = mkdtempSync(join(tmpdir(), 'switchyard-example-'))
  const { DATABASE_URL: _address, CONFIG_FILE_PATH: _config, ...rest } = process.env
  const env = { ...rest, SWITCHYARD_MASTER_KEY: 'sk-example', PORT: '0', SWITCHYARD_HOST: '127.0.0.1' }
  const server = spawn(process.execPath, [program, 'start', ...argumentsOf(given, data), '--data', data], {
    cwd: data,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return {
    url: await addressIn(server.stdout),
    program,
    options: { cwd: data, env, encoding: 'utf8' },
    data,
    kill: async (signal) => {
      server.kill(signal)
      await once(server, 'exit')
    },
    remove: () => {
      rmSync(data, { recursive: true })
    },
  }
}

function argumentsOf(given: { yaml: string } | { args: string[] }, data: string): string[] {
  if ('args' in given) return given.args
  const config = join(data, 'config.yaml')
  writeFileSync(config, given.yaml)
  return ['--config', config]
}

async function addressIn(output: AsyncIterable<Buffer>): Promise<string> {
  let said = ''
  for await (const chunk of output) {
    said += String(chunk)
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said)
    if (address !== null) return address[0]
  }
  throw new Error(said)
}
