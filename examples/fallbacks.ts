// Another model when one fails: lists for any failure, for requests that are too long, and for every call of a program.
import assert from 'node:assert/strict'
import { completion, configure } from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { openai, anthropic, outage, close } = await startProviders()
const messages = [{ role: 'user' as const, content: 'Explain machine learning' }]

// OpenAI is down; the answer comes from Anthropic, with a key and an address of its own.
const answer = await completion({
  model: 'openai/gpt-4',
  ...outage,
  messages,
  timeout: 30,
  fallbacks: [{ model: 'anthropic/claude-3-7-sonnet-20250219', ...anthropic }, 'gpt-3.5-turbo'],
})
console.log('answered by', answer.model)
assert.equal(answer.model, 'claude-3-7-sonnet-20250219')

// For every call of the program, as LiteLLM's module settings are.
configure({
  fallbacks: [{ 'gpt-4': [{ model: 'openai/gpt-3.5-turbo', ...openai }] }],
  context_window_fallbacks: [{ 'gpt-3.5-turbo': [{ model: 'openai/gpt-4o', ...openai }] }],
})
const second = await completion({ model: 'gpt-4', ...outage, messages })
console.log('answered by', second.model)
assert.equal(second.model, 'gpt-3.5-turbo')

// A rehearsal of a request that is too long.
const long = await completion({
  model: 'gpt-3.5-turbo',
  ...openai,
  messages,
  mock_testing_context_fallbacks: true,
})
console.log('too long for gpt-3.5-turbo, answered by', long.model)
assert.equal(long.model, 'gpt-4o')

await close()
