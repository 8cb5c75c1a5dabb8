import { parseYaml } from './document/parse-yaml.ts'
import type { Variables } from './document/references.ts'
import { loadTree } from './load.ts'
import type { LoadResult } from './load.ts'

interface ProviderDefaults {
  provider: string
  /** Variables that hold the key; the first one set is used. */
  keys: readonly string[]
  models: readonly string[]
  embeddings?: readonly string[]
  rerank?: readonly string[]
  transcription?: readonly string[]
}

/** Which models are offered when a provider's key is found and no configuration is there. */
const providerDefaults: readonly ProviderDefaults[] = [
  {
    provider: 'openai',
    keys: ['OPENAI_API_KEY'],
    models: ['gpt-5.5', 'gpt-5.4', 'gpt-5.4-mini', 'gpt-5.4-nano'],
    embeddings: ['text-embedding-3-small', 'text-embedding-3-large'],
    transcription: ['gpt-4o-transcribe', 'gpt-4o-mini-transcribe', 'whisper-1'],
  },
  {
    provider: 'anthropic',
    keys: ['ANTHROPIC_API_KEY'],
    models: ['claude-opus-4-8', 'claude-sonnet-5', 'claude-haiku-4-5'],
  },
  {
    provider: 'gemini',
    keys: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    models: ['gemini-3.1-pro-preview', 'gemini-3.5-flash', 'gemini-3.1-flash-lite'],
    embeddings: ['gemini-embedding-001'],
  },
  {
    provider: 'groq',
    keys: ['GROQ_API_KEY'],
    models: ['openai/gpt-oss-120b', 'openai/gpt-oss-20b', 'llama-3.3-70b-versatile', 'llama-3.1-8b-instant'],
    transcription: ['whisper-large-v3', 'whisper-large-v3-turbo'],
  },
  {
    provider: 'mistral',
    keys: ['MISTRAL_API_KEY'],
    models: ['mistral-large-latest', 'mistral-medium-latest', 'mistral-small-latest'],
    embeddings: ['mistral-embed'],
  },
  { provider: 'deepseek', keys: ['DEEPSEEK_API_KEY'], models: ['deepseek-v4-pro', 'deepseek-v4-flash'] },
  { provider: 'xai', keys: ['XAI_API_KEY'], models: ['grok-4.3'] },
  { provider: 'openrouter', keys: ['OPENROUTER_API_KEY'], models: [] },
  {
    provider: 'cohere',
    keys: ['COHERE_API_KEY', 'CO_API_KEY'],
    models: ['command-a-plus-05-2026', 'command-a-03-2025', 'command-r7b-12-2024'],
    embeddings: ['embed-v4.0'],
    rerank: ['rerank-v3.5'],
  },
  {
    provider: 'perplexity',
    keys: ['PERPLEXITYAI_API_KEY', 'PERPLEXITY_API_KEY'],
    models: ['sonar-pro', 'sonar'],
  },
  {
    provider: 'together_ai',
    keys: ['TOGETHERAI_API_KEY', 'TOGETHER_API_KEY', 'TOGETHER_AI_API_KEY', 'TOGETHER_AI_TOKEN'],
    models: [],
  },
  {
    provider: 'fireworks_ai',
    keys: ['FIREWORKS_API_KEY', 'FIREWORKS_AI_API_KEY', 'FIREWORKSAI_API_KEY', 'FIREWORKS_AI_TOKEN'],
    models: [],
  },
  { provider: 'cerebras', keys: ['CEREBRAS_API_KEY'], models: ['gpt-oss-120b'] },
]

const file = '(without a configuration file)'

/**
 * What the gateway serves without a configuration file: the offline demo model, and for every provider whose key is
 * in the environment its usual models by their own name and every other one as `provider/model`.
 */
export function loadDefaultConfig(env: Variables): LoadResult {
  // A price of zero is a price: without it the cost of an answer would be unknown.
  const free = { input_cost_per_token: 0, output_cost_per_token: 0 }
  const demo = { model_name: 'demo', litellm_params: { model: 'demo/echo' }, model_info: free }
  const found = providerDefaults.flatMap((defaults) => providerEntries(defaults, env))
  const { root, findings } = parseYaml(JSON.stringify({ model_list: [demo, ...found] }), file)
  if (root === undefined) return { ok: false, findings, files: [] }
  return loadTree(root, { env }, { files: [], findings })
}

function providerEntries(
  { provider, keys, models, embeddings = [], rerank = [], transcription = [] }: ProviderDefaults,
  env: Variables,
): object[] {
  const key = keys.find((name) => (env[name] ?? '').trim() !== '')
  if (key === undefined) return []
  const entry = (name: string, model: string, mode?: string): object => ({
    model_name: name,
    litellm_params: { model: `${provider}/${model}`, api_key: `os.environ/${key}` },
    ...(mode === undefined ? {} : { model_info: { mode } }),
  })
  return [
    ...models.map((model) => entry(model, model, 'chat')),
    ...embeddings.map((model) => entry(model, model, 'embedding')),
    ...rerank.map((model) => entry(model, model, 'rerank')),
    ...transcription.map((model) => entry(model, model, 'audio_transcription')),
    entry(`${provider}/*`, '*'),
  ]
}
