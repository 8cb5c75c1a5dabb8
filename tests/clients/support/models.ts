/** An entry of `model_list`. */
export interface ModelEntry {
  model_name: string
  litellm_params: Record<string, unknown>
  model_info?: Record<string, unknown>
}

const key = 'os.environ/CLIENT_TEST_PROVIDER_KEY'

/** An entry at the scripted provider: OpenAI's formats below `/v1`, Anthropic's at its root. */
export function entryAt(providerUrl: string, name: string, model: string, more: object = {}): ModelEntry {
  const base = model.startsWith('anthropic/') ? providerUrl : `${providerUrl}/v1`
  return { model_name: name, litellm_params: { model, api_base: base, api_key: key, ...more } }
}

/**
 * The models that every client is tried with. Names of real models have their catalogue prices; the others
 * have none, which the gateway must say and not guess.
 */
export function modelList(providerUrl: string): ModelEntry[] {
  const at = (name: string, model: string): ModelEntry => entryAt(providerUrl, name, model)
  return [
    at('gpt', 'openai/gpt-4o-mini'),
    at('claude', 'anthropic/claude-sonnet-4-5'),
    at('embed', 'openai/text-embedding-3-small'),
    at('listens', 'openai/whisper-1'),
    at('hears', 'openai/gpt-4o-transcribe'),
    at('instruct', 'text-completion-openai/gpt-3.5-turbo-instruct'),
    // A server that speaks chat completions only: every other format is translated for it.
    at('compatible', 'together_ai/echo'),
    {
      ...at('priced', 'openai/house-model'),
      model_info: { input_cost_per_token: 0.000003, output_cost_per_token: 0.00001 },
    },
    at('fault/*', 'openai/fault-*'),
    at('claude-fault/*', 'anthropic/fault-*'),
    at('compatible-fault/*', 'together_ai/fault-*'),
    { model_name: 'demo', litellm_params: { model: 'demo/echo' } },
  ]
}
