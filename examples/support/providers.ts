import { startDemo } from '../../docs/examples/support/demo.ts'

/** Where the example's calls go in place of real providers, so that it runs without a key. */
export interface Providers {
  /** In place of OpenAI, Mistral and whoever else speaks OpenAI's chat. */
  openai: { api_base: string; api_key: string }
  /** In place of Anthropic. */
  anthropic: { api_base: string; api_key: string }
  /** A provider that is down. */
  outage: { api_base: string; api_key: string }
  close: () => Promise<void>
}

const models = [
  'gpt-4o',
  'gpt-4o-mini',
  'gpt-4',
  'gpt-3.5-turbo',
  'mistral-small-latest',
  'claude-3-7-sonnet-20250219',
]

/** Plays every provider with the offline demo model, which repeats what it is told. */
export async function startProviders(): Promise<Providers> {
  const list = models.map((name) => `  - { model_name: ${name}, litellm_params: { model: demo/${name} } }`)
  const { url, key, close } = await startDemo(`model_list:\n${list.join('\n')}\n`)
  return {
    openai: { api_base: `${url}/v1`, api_key: key },
    anthropic: { api_base: url, api_key: key },
    // Nobody listens there.
    outage: { api_base: 'http://127.0.0.1:9/v1', api_key: key },
    close,
  }
}
