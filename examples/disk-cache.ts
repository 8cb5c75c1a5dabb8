// Answers kept in a file: the program that runs tomorrow pays for nothing that was asked today.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCache, createClient } from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { openai, close } = await startProviders()
const folder = await mkdtemp(join(tmpdir(), 'disk-cache-'))

/** One run of the program: its own client, the same file. */
async function run(questions: readonly string[]): Promise<string[]> {
  const cache = createCache({
    type: 'disk',
    disk_cache_file: join(folder, 'answers.db'),
    namespace: 'report',
    ttl: 86_400,
  })
  const client = createClient({ cache })
  const answers = await Promise.all(
    questions.map((content) =>
      client.completion({
        model: 'openai/gpt-4o-mini',
        ...openai,
        messages: [{ role: 'user', content }],
      }),
    ),
  )
  await cache.close()
  return answers.map(({ id }) => id)
}

const today = await run(['What is machine learning?', 'What is deep learning?'])
const tomorrow = await run(['What is machine learning?', 'What is a transformer?'])
console.log('kept:', tomorrow[0] === today[0], 'asked:', tomorrow[1] !== today[1])
assert.equal(tomorrow[0], today[0])
assert.ok(!today.includes(String(tomorrow[1])))

await rm(folder, { recursive: true })
await close()
