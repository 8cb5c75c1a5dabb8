// A model by what is asked: short questions to the cheap one, analyses to the strong one.
import assert from 'node:assert/strict'
import { Router } from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { openai, anthropic, close } = await startProviders()

const router = new Router({
  model_list: [
    { model_name: 'simple', litellm_params: { model: 'openai/gpt-4o-mini', ...openai } },
    {
      model_name: 'medium',
      litellm_params: { model: 'anthropic/claude-3-7-sonnet-20250219', ...anthropic },
    },
    { model_name: 'complex', litellm_params: { model: 'openai/gpt-4o', ...openai } },
  ],
})

function complexityOf(prompt: string): 'simple' | 'medium' | 'complex' {
  if (/analyze|compare|complex|detailed/i.test(prompt)) return 'complex'
  return prompt.split(/\s+/).length < 50 ? 'simple' : 'medium'
}

const prompts: [prompt: string, model: string][] = [
  ['What is Kubernetes?', 'gpt-4o-mini'],
  ['Compare Kubernetes and Nomad', 'gpt-4o'],
  ['Tell me about containers. '.repeat(20), 'claude-3-7-sonnet-20250219'],
]
for (const [content, expected] of prompts) {
  const group = complexityOf(content)
  const answer = await router.completion({ model: group, messages: [{ role: 'user', content }] })
  console.log(group, answer.model)
  assert.equal(answer.model, expected)
}

await close()
