/** Where the models of one of our providers are described. */
export interface ModelSources {
  /** Providers of our own table, in the order to ask. */
  table: readonly string[]
  /**
   * Providers of the price package, in the order to ask. Those of another company only where this one sells at
   * its prices: what Azure asks for DeepSeek models is not what DeepSeek does.
   */
  prices: readonly string[]
  /** What the full id has in front of the short one that users may write. */
  idPrefix?: string | undefined
}

const azurePrices = ['azure', 'openai', 'anthropic', 'x-ai']
const googlePrices = ['google', 'anthropic']

const sources: Readonly<Record<string, ModelSources>> = {
  openai: { table: ['openai'], prices: ['openai'] },
  'text-completion-openai': { table: ['openai'], prices: ['openai'] },
  azure: { table: ['azure', 'openai'], prices: azurePrices },
  azure_text: { table: ['azure', 'openai'], prices: azurePrices },
  azure_ai: { table: ['azure_ai', 'azure'], prices: azurePrices },
  anthropic: { table: ['anthropic'], prices: ['anthropic'] },
  anthropic_text: { table: ['anthropic'], prices: ['anthropic'] },
  gemini: { table: ['gemini', 'vertex_ai'], prices: ['google'] },
  vertex_ai: { table: ['vertex_ai', 'gemini', 'anthropic'], prices: googlePrices },
  vertex_ai_beta: { table: ['vertex_ai', 'gemini', 'anthropic'], prices: googlePrices },
  bedrock: { table: ['bedrock', 'anthropic'], prices: ['aws'] },
  bedrock_converse: { table: ['bedrock', 'anthropic'], prices: ['aws'] },
  bedrock_mantle: { table: ['bedrock'], prices: ['aws'] },
  cohere: { table: ['cohere'], prices: ['cohere'] },
  cohere_chat: { table: ['cohere'], prices: ['cohere'] },
  mistral: { table: ['mistral'], prices: ['mistral'] },
  codestral: { table: ['mistral'], prices: ['mistral'] },
  'text-completion-codestral': { table: ['mistral'], prices: ['mistral'] },
  groq: { table: ['groq'], prices: ['groq'] },
  deepseek: { table: ['deepseek'], prices: ['deepseek'] },
  xai: { table: ['xai'], prices: ['x-ai'] },
  perplexity: { table: ['perplexity'], prices: ['perplexity'] },
  together_ai: { table: ['together_ai'], prices: ['together'] },
  fireworks_ai: {
    table: ['fireworks_ai'],
    prices: ['fireworks'],
    idPrefix: 'accounts/fireworks/models/',
  },
  openrouter: { table: ['openrouter'], prices: ['openrouter'] },
  cerebras: { table: ['cerebras'], prices: ['cerebras'] },
  moonshot: { table: ['moonshot'], prices: ['moonshotai'] },
  novita: { table: ['novita'], prices: ['novita'] },
  voyage: { table: [], prices: ['voyageai'] },
  cloudflare: { table: ['cloudflare'], prices: ['cloudflare'] },
  baseten: { table: ['baseten'], prices: ['baseten'] },
  minimax: { table: ['minimax'], prices: ['minimax'] },
  ovhcloud: { table: ['ovhcloud'], prices: ['ovhcloud'] },
  zai: { table: ['zai'], prices: ['zai'] },
  github_copilot: { table: ['github_copilot'], prices: ['github-copilot'] },
  cursor: { table: [], prices: ['cursor'] },
  ollama_chat: { table: ['ollama'], prices: [] },
}

/** A provider without an entry is described in our table under its own id, if at all. */
export function sourcesOf(provider: string): ModelSources {
  return (hasSources(provider) ? sources[provider] : undefined) ?? { table: [provider], prices: [] }
}

export function hasSources(provider: string): boolean {
  return Object.hasOwn(sources, provider)
}
