import { countTokens } from '../tokens/index.ts'
import type { CountableMessage, CountableTool } from '../tokens/index.ts'

export interface TokenCounterParams {
  model: string
  messages?: readonly CountableMessage[]
  text?: string | readonly string[]
  tools?: readonly CountableTool[]
}

/**
 * How many tokens a text or a conversation is for a model: exact for OpenAI's tokenizers, an estimate for
 * others. The first call loads a tokenizer (0.2 s).
 */
export async function tokenCounter(params: TokenCounterParams): Promise<number> {
  return (await countTokens(params)).tokens
}
