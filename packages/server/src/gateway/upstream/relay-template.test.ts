import { describe, expect, test } from 'vitest'
import { servicesOf } from '../testing/services.ts'
import { addressOf, relayTemplate } from './relay-template.ts'
import type { RelayTemplate } from './relay-template.ts'

async function templateFor(
  params: string,
  operation: 'chat' | 'completions' | 'responses' | 'messages' = 'chat',
  dialect = 'openai-chat',
): Promise<RelayTemplate | undefined> {
  const services = await servicesOf(
    `model_list: [{model_name: gpt, litellm_params: {api_key: sk-provider, ${params}}}]`,
  )
  const [deployment] = services.deployments.find('gpt')
  if (deployment === undefined) throw new Error('no deployment')
  const context = { env: services.auth.env, newId: services.newId }
  const template = relayTemplate(deployment, operation, dialect, context)
  expect(relayTemplate(deployment, operation, dialect, context)).toBe(template)
  return template
}

describe('bytes may pass', () => {
  test.each<[string, Parameters<typeof templateFor>, string]>([
    ['chat to OpenAI', ['model: openai/m-1'], 'https://api.openai.com/v1/chat/completions'],
    [
      'to an address of its own',
      ['model: openai/m-1, api_base: http://h:1/x'],
      'http://h:1/x/chat/completions',
    ],
    [
      'responses to OpenAI',
      ['model: openai/m-1', 'responses', 'openai-responses'],
      'https://api.openai.com/v1/responses',
    ],
    [
      'messages to Anthropic',
      ['model: anthropic/c', 'messages', 'anthropic-messages'],
      'https://api.anthropic.com/v1/messages',
    ],
  ])('%s', async (_name, asked, url) => {
    const template = await templateFor(...asked)
    expect(template).toMatchObject({ whole: { url }, stream: { url } })
    expect(JSON.stringify(template?.headers)).not.toContain('sk-provider')
  })
})

describe('bytes may not pass', () => {
  test.each<[string, Parameters<typeof templateFor>]>([
    ['to another format', ['model: anthropic/c']],
    ["from Anthropic's format to OpenAI", ['model: openai/m-1', 'messages', 'anthropic-messages']],
    ['with default parameters', ['model: openai/m-1, temperature: 1']],
    ['with fields for every body', ['model: openai/m-1, extra_body: {a: 1}']],
    ['with dropped parameters', ['model: openai/m-1, additional_drop_params: [user]']],
    ['to a fixed answer', ['model: openai/m-1, mock_response: hi']],
  ])('%s', async (_name, asked) => {
    expect(await templateFor(...asked)).toBeUndefined()
  })
})

test('a model that names the limit of its answer otherwise blocks the usual name', async () => {
  expect((await templateFor('model: openai/o3'))?.blockers.has('max_tokens')).toBe(true)
  expect((await templateFor('model: openai/gpt-4o'))?.blockers.has('max_tokens')).toBe(false)
})

test.each<[string, Parameters<typeof templateFor>, string]>([
  ['chat', ['model: openai/gpt-4o'], 'max_tokens'],
  ['chat with a model that thinks', ['model: openai/o3'], 'max_completion_tokens'],
  ['responses', ['model: openai/m-1', 'responses', 'openai-responses'], 'max_output_tokens'],
  ['messages', ['model: anthropic/c', 'messages', 'anthropic-messages'], 'max_tokens'],
])('a bound of a budget in %s', async (_name, asked, field) => {
  expect((await templateFor(...asked))?.boundField).toBe(field)
})

test('an address keeps its query', () => {
  expect(addressOf('https://h:8443/a/b?c=d')).toEqual({
    url: 'https://h:8443/a/b?c=d',
    origin: 'https://h:8443',
    path: '/a/b?c=d',
  })
})
