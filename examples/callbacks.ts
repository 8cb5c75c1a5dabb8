// What calls cost and how long they took, without a word about it where they are made.
import assert from 'node:assert/strict'
import { completion, configure, flush } from '@switchyard/llm'
import type { CallbackArguments, CallbackResponse } from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { openai, outage, close } = await startProviders()
const log: { model: string; tokens: number; cost: number | null; seconds: number }[] = []

function myCustomCallback(
  kwargs: CallbackArguments,
  response: CallbackResponse | undefined,
  start: Date,
  end: Date,
): void {
  log.push({
    model: kwargs.model,
    tokens: response?.usage?.total_tokens ?? 0,
    cost: kwargs.response_cost,
    seconds: (end.getTime() - start.getTime()) / 1000,
  })
}
const failures: string[] = []

configure({
  success_callback: [myCustomCallback],
  failure_callback: [({ model, exception }) => void failures.push(`${model}: ${exception?.name}`)],
})

const messages = [{ role: 'user' as const, content: 'Monitored request' }]
const metadata = { user_id: 'user123', session_id: 'session456' }
await completion({ model: 'openai/gpt-4', ...openai, messages, metadata })
for await (const _ of await completion({ model: 'openai/gpt-4', ...openai, messages, stream: true }));
await completion({ model: 'openai/gpt-4', ...outage, messages }).catch(() => undefined)
await flush()

console.table(log)
console.log(failures)
assert.equal(log.length, 2)
assert.ok(log.every(({ cost, tokens }) => cost !== null && cost > 0 && tokens > 0))
assert.deepEqual(failures, ['gpt-4: APIConnectionError'])

await close()
