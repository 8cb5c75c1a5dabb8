import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient } from '../client/client.ts'
import type { Client } from '../client/client.ts'
import { scripted } from '../client/testing/scripted.ts'
import { jsonlTrace } from './jsonl-trace.ts'

const hello = {
  model: 'openai/gpt-4o-mini',
  api_key: 'sk-secret',
  messages: [{ role: 'user' as const, content: 'Tell nobody' }],
}

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trace-'))
  path = join(folder, 'traces.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const read = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

function tracing(options = {}, file = path): { client: Client; errors: string[] } {
  const errors: string[] = []
  const { world } = scripted((model, attempt) =>
    model === 'gpt-4o-mini' && attempt === 0 ? { status: 503 } : 'Hi',
  )
  const client = createClient({
    ...world,
    callbacks: [jsonlTrace(file, options)],
    onCallbackError: (error) => void errors.push(String(error)),
  })
  return { client, errors }
}

describe('a line per call', () => {
  test('is there when the call returns, with what jq and DuckDB ask for', async () => {
    const { client } = tracing()
    await client.completion({ ...hello, num_retries: 1, litellm_trace_id: 'run-7' })
    expect(read(path)).toEqual([
      {
        time: '2023-11-14T22:13:20.000Z',
        run_id: 'id-1',
        trace_id: 'run-7',
        call_type: 'completion',
        status: 'success',
        model: 'gpt-4o-mini',
        provider: 'openai',
        model_group: null,
        stream: false,
        latency_s: 0.7,
        ttft_s: null,
        cost_usd: 0.0000045,
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        attempts: 2,
        tried: [
          {
            model: 'gpt-4o-mini',
            provider: 'openai',
            latency_s: 0.1,
            status: 503,
            error: 'openai: status 503',
          },
          { model: 'gpt-4o-mini', provider: 'openai', latency_s: 0.1, status: 200, error: null },
        ],
        cache_hit: false,
        user: null,
        error: null,
        metadata: {},
      },
    ])
  })

  test('of a failure has the same keys', async () => {
    const { client } = tracing()
    await client.completion(hello).catch(() => undefined)
    await client.completion(hello)
    const [failed, answered] = read(path)
    expect(Object.keys(failed ?? {})).toEqual(Object.keys(answered ?? {}))
    expect(failed).toMatchObject({ status: 'failure', cost_usd: 0, attempts: 1 })
  })

  test('holds what was said only when asked to', async () => {
    await tracing().client.completion({ ...hello, num_retries: 1 })
    expect(readFileSync(path, 'utf8')).not.toContain('Tell nobody')
    await tracing({ content: true }).client.completion({ ...hello, num_retries: 1 })
    expect(read(path)[1]).toMatchObject({ messages: hello.messages, response: { model: 'gpt-4o-mini' } })
  })

  test('is appended to what is there, also after the file was moved away', async () => {
    appendFileSync(path, '{"old":true}\n')
    const { client } = tracing()
    await client.completion({ ...hello, num_retries: 1 })
    expect(read(path)).toHaveLength(2)
    renameSync(path, `${path}.1`)
    await client.completion(hello)
    expect([read(path).length, read(`${path}.1`).length]).toEqual([1, 2])
  })

  test('that cannot be written breaks no call', async () => {
    const { client, errors } = tracing({}, join(folder, 'no', 'such', 'folder.jsonl'))
    expect(await client.completion({ ...hello, num_retries: 1 })).toMatchObject({ model: 'gpt-4o-mini' })
    expect(errors).toEqual([expect.stringContaining('ENOENT')])
  })
})
