import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startFaultProvider } from '../support/fault-provider.ts'
import type { FaultProvider } from '../support/fault-provider.ts'

const root = join(import.meta.dirname, '../..')

let provider: FaultProvider
let folder: string
let process_: ChildProcess
let url: string
const output: string[] = []

beforeAll(async () => {
  provider = await startFaultProvider()
  folder = await mkdtemp(join(tmpdir(), 'switchyard-command-'))
  await writeFile(
    join(folder, 'config.yaml'),
    `model_list:
  - model_name: gpt
    litellm_params:
      model: openai/gpt-4o-mini
      api_base: ${provider.url}/v1
      api_key: os.environ/PROVIDER_KEY
general_settings:
  master_key: os.environ/OWN_KEY
`,
  )
  process_ = spawn(
    join(root, 'node_modules/.bin/node'),
    [
      join(root, 'packages/server/bin/switchyard.js'),
      'start',
      '--config',
      'config.yaml',
      '--port',
      '0',
      '--host',
      '127.0.0.1',
    ],
    { cwd: folder, env: { PATH: process.env['PATH'], PROVIDER_KEY: 'sk-provider', OWN_KEY: 'sk-own' } },
  )
  url = await listening(process_)
})
afterAll(async () => {
  process_.kill('SIGKILL')
  await provider.close()
  await rm(folder, { recursive: true, force: true })
})

/** The address that the process says it listens on. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const hear = (bytes: Buffer): void => {
      output.push(bytes.toString())
      const found = /listens on (http:\/\/\S+?)[,\s]/.exec(output.join(''))?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('exit', (code) => reject(new Error(`ended with ${String(code)}: ${output.join('')}`)))
  })
}

it('the command serves clients, and ends in order when asked', async () => {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-own', maxRetries: 0 })
  const messages = [{ role: 'user' as const, content: 'hello there' }]
  const answer = await client.chat.completions.create({ model: 'gpt', messages })
  expect(answer.choices[0]?.message.content).toBe('You said: hello there')
  const stream = client.chat.completions.stream({ model: 'gpt', messages })
  expect((await stream.finalChatCompletion()).choices[0]?.message.content).toBe('You said: hello there')
  expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['gpt'])
  expect((await fetch(`${url}/health/liveliness`)).status).toBe(200)
  const ended = once(process_, 'exit')
  process_.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect(output.join('')).not.toMatch(/sk-own|sk-provider/)
})
