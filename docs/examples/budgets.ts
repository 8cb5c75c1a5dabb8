import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../packages/server/bin/switchyard.js', import.meta.url))
const data = mkdtempSync(join(tmpdir(), 'switchyard-example-'))
const { DATABASE_URL: _address, CONFIG_FILE_PATH: _config, ...rest } = process.env
const env = { ...rest, SWITCHYARD_MASTER_KEY: 'sk-example', PORT: '0', SWITCHYARD_HOST: '127.0.0.1' }
const config = join(data, 'config.yaml')
// It answers by itself, at the price of a model that is called: 1 USD for a thousand tokens.
writeFileSync(
  config,
  `
model_list:
  - model_name: house
    litellm_params:
      model: openai/house
      mock_response: Hello there
      input_cost_per_token: 0.001
      output_cost_per_token: 0.001
`,
)
const server = spawn(process.execPath, [program, 'start', '--config', config, '--data', data], {
  cwd: data,
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
})
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

const post = (path: string, key: string, body: object): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

async function newKey(limits: object): Promise<string> {
  const made = (await (await post('/key/generate', 'sk-example', limits)).json()) as { key: string }
  return made.key
}

const hello = { model: 'house', max_tokens: 5, messages: [{ role: 'user', content: 'Hello' }] }

// #region budget
// 6 cents a day: enough for some answers, and never passed.
const frugal = await newKey({ max_budget: 0.06, budget_duration: 'daily' })
let answer = await post('/v1/chat/completions', frugal, hello)
let answered = 0
while (answer.ok) {
  answered++
  console.log('spent', answer.headers.get('x-litellm-key-spend'), 'of 0.06')
  answer = await post('/v1/chat/completions', frugal, hello)
}
const refused = (await answer.json()) as { error: { code: string; message: string } }
console.log(answer.status, refused.error.code, refused.error.message)
// #endregion

// #region rate
const slow = await newKey({ rpm_limit: 1 })
const first = await post('/v1/chat/completions', slow, hello)
console.log(first.status, 'left:', first.headers.get('x-ratelimit-api_key-remaining-requests'))
const second = await post('/v1/chat/completions', slow, hello)
console.log(
  second.status,
  second.headers.get('rate_limit_type'),
  'again in',
  second.headers.get('retry-after'),
)
// #endregion

server.kill()
await once(server, 'exit')
rmSync(data, { recursive: true })
if (answered === 0 || refused.error.code !== 'budget_exceeded' || second.status !== 429) process.exitCode = 1
