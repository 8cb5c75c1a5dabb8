import { execFileSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { startServer } from './support/server.ts'

const { url, program, options, data, kill, remove } = await startServer({
  args: ['--model', 'demo/echo', '--alias', 'demo'],
})

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
await kill('SIGKILL')
console.log(
  execFileSync(process.execPath, [program, 'ledger', 'statement', 'global', '--data', data], options),
)
console.log(execFileSync(process.execPath, [program, 'ledger', 'verify', '--data', data], options))
remove()
if (logs[0]?.['request_id'] !== id) process.exitCode = 1
