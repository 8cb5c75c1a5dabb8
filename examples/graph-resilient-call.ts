// A node that goes on with the next provider when one fails: as a loop of one's own, and left to the router.
import assert from 'node:assert/strict'
import { Annotation, chat, END, MessagesAnnotation, START, StateGraph, textOf } from '@switchyard/graph'
import { Router } from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { openai, anthropic, outage, close } = await startProviders()

const targets: Record<string, object> = {
  'openai/gpt-4o': outage,
  'anthropic/claude-3-7-sonnet-20250219': anthropic,
  'openai/gpt-3.5-turbo': openai,
}

const State = Annotation.Root({
  ...MessagesAnnotation.spec,
  currentProvider: Annotation<string>,
  fallbackProviders: Annotation<string[]>,
})

const loop = new StateGraph(State)
  .addNode('smart_llm', async ({ messages, currentProvider, fallbackProviders }, runtime) => {
    for (const model of [currentProvider, ...fallbackProviders]) {
      try {
        const answer = await chat({ model, ...targets[model], num_retries: 0, messages }, runtime)
        return { messages: [answer], currentProvider: model }
      } catch (error) {
        console.log(`Provider ${model} failed: ${String(error).slice(0, 80)}`)
      }
    }
    throw new Error('All providers failed')
  })
  .addEdge(START, 'smart_llm')
  .addEdge('smart_llm', END)
  .compile()

const { messages, currentProvider } = await loop.invoke({
  messages: [{ role: 'user', content: 'Hello' }],
  currentProvider: 'openai/gpt-4o',
  fallbackProviders: ['anthropic/claude-3-7-sonnet-20250219', 'openai/gpt-3.5-turbo'],
})
console.log(currentProvider, textOf(messages.at(-1) ?? {}))
assert.equal(currentProvider, 'anthropic/claude-3-7-sonnet-20250219')

// The router does the same for every node, with cooldowns and retries: it is a client like any other.
const router = new Router({
  model_list: [
    { model_name: 'best', litellm_params: { model: 'openai/gpt-4o', ...outage } },
    { model_name: 'second', litellm_params: { model: 'openai/gpt-4o-mini', ...openai } },
  ],
  fallbacks: [{ best: ['second'] }],
  num_retries: 0,
})
const client = { completion: (params: unknown) => router.completion(params as never) }
const routed = new StateGraph(MessagesAnnotation)
  .addNode('llm', async ({ messages }, runtime) => ({
    messages: [await chat({ model: 'best', client, messages }, runtime)],
  }))
  .addEdge(START, 'llm')
  .compile()
const answer = await routed.invoke({ messages: 'Hello again' })
console.log(textOf(answer.messages.at(-1) ?? {}))
assert.match(textOf(answer.messages.at(-1) ?? {}), /Hello again/)

await close()
