// A hook that changes the request before and the answer after: addresses never reach a provider, and come back all the same.
import assert from 'node:assert/strict'
import { createClient } from '@switchyard/llm'
import type { Callback } from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { openai, close } = await startProviders()
const sent: unknown[] = []

const address = /[\w.]+@[\w.]+\w/g
const kept = new Map<string, string>()

/** In every text of a value, wherever it stands. */
function inTexts<Value>(value: Value, change: (text: string) => string): Value {
  return JSON.parse(JSON.stringify(value), (_, part: unknown) =>
    typeof part === 'string' ? change(part) : part,
  ) as Value
}

const redaction: Callback = {
  name: 'redaction',
  input: (params) => {
    const messages = inTexts(params['messages'], (text) =>
      text.replaceAll(address, (found) => {
        const word = `PERSON-${kept.size + 1}`
        kept.set(word, found)
        return word
      }),
    )
    return { ...params, messages }
  },
  output: (answer) =>
    inTexts(answer, (text) => text.replaceAll(/PERSON-\d+/g, (word) => kept.get(word) ?? word)),
  success: ({ messages }) => void sent.push(messages),
}

const client = createClient({ callbacks: [redaction] })
const answer = await client.completion({
  model: 'openai/gpt-4o-mini',
  ...openai,
  messages: [{ role: 'user', content: 'Write to ada@example.com' }],
})
console.log('sent    ', JSON.stringify(sent))
console.log('answered', answer.choices[0]?.message.content)
assert.doesNotMatch(JSON.stringify(sent), /ada@example/)
assert.match(answer.choices[0]?.message.content ?? '', /ada@example\.com/)

await close()
