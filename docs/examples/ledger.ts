import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../packages/server/bin/switchyard.js', import.meta.url))
const data = mkdtempSync(join(tmpdir(), 'switchyard-example-'))
const { DATABASE_URL: _address, CONFIG_FILE_PATH: _config, ...rest } = process.env
const env = { ...rest, SWITCHYARD_MASTER_KEY: 'sk-example', PORT: '0', SWITCHYARD_HOST: '127.0.0.1' }
const options = { cwd: data, env, encoding: 'utf8' } as const

const server = spawn(
  process.execPath,
  [program, 'start', '--model', 'demo/echo', '--alias', 'demo', '--data', data],
  {
    cwd: data,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  },
)
const url = await addressIn(server.stdout)

async function addressIn(output: AsyncIterable<Buffer>): Promise<string> {
  let said = ''
  for await (const chunk of output) {
    said += String(chunk)
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said)
    if (address !== null) return address[0]
  }
  throw new Error(said)
}

// #region find
const headers = { authorization: 'Bearer sk-example', 'content-type': 'application/json' }
const answer = await fetch(`${url}/v1/chat/completions`, {
  method: 'POST',
  headers,
  body: JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: 'Hello' }] }),
})
const { id } = (await answer.json()) as { id: string }

// The answer's id leads to what it cost, within a second.
let logs: Record<string, unknown>[] = []
for (let tries = 0; tries < 50 && logs.length === 0; tries++) {
  await pause(100)
  logs = (await (await fetch(`${url}/spend/logs?request_id=${id}`, { headers })).json()) as typeof logs
}
console.log(logs[0])
// #endregion

// Killed in the middle of everything, it loses nothing that was answered.
server.kill('SIGKILL')
await once(server, 'exit')
console.log(
  execFileSync(process.execPath, [program, 'ledger', 'statement', 'global', '--data', data], options),
)
console.log(execFileSync(process.execPath, [program, 'ledger', 'verify', '--data', data], options))
rmSync(data, { recursive: true })
if (logs[0]?.['request_id'] !== id) process.exitCode = 1
