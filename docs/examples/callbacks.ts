import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { completion, configure, createClient, flush, jsonlTrace } from '@switchyard/llm'
import type { Callback } from '@switchyard/llm'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()
const folder = await mkdtemp(join(tmpdir(), 'callbacks-'))
const path = join(folder, 'traces.jsonl')
const params = {
  model: 'openai/demo',
  ...demo.target,
  messages: [{ role: 'user' as const, content: 'Hello' }],
}

// #region function
configure({
  success_callback: [
    (kwargs, response, start, end) =>
      console.log(kwargs.model, response?.usage?.total_tokens, end.getTime() - start.getTime() < 60_000),
  ],
  failure_callback: [({ model, exception }) => console.log(model, exception?.name)],
})
await completion(params)
await completion({ ...params, model: 'openai/no-such-model' }).catch(() => undefined)
// #endregion
configure({ success_callback: undefined, failure_callback: undefined })

// #region trace
const client = createClient({ callbacks: [jsonlTrace(path)] })
await client.completion({ ...params, litellm_trace_id: 'run-7', metadata: { step: 'greet' } })
// #endregion
const line = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
console.log(Object.keys(line).join(' '))

// #region hooks
const polite: Callback = {
  name: 'polite',
  input: (params) => ({ ...params, user: 'anonymous' }),
  event: (event) =>
    event.type === 'text-delta' ? { ...event, text: event.text.replaceAll('Hello', 'Good day') } : undefined,
  success: (payload) => console.log(payload.end_user, payload.response_cost),
}
for await (const chunk of await createClient({ callbacks: [polite] }).completion({ ...params, stream: true }))
  process.stdout.write(chunk.choices[0]?.delta.content ?? '')
// #endregion

await flush()
await rm(folder, { recursive: true })
await demo.close()
