import { countMessages, countTools } from './chat.ts'
import { loadEncoding } from './encoding.ts'
import { familyOf } from './family.ts'
import type { CountableMessage, CountableTool } from './input.ts'

export interface CountInput {
  /** Any model string; the provider does not matter. */
  model: string
  text?: string | readonly string[] | undefined
  messages?: readonly CountableMessage[] | undefined
  tools?: readonly CountableTool[] | undefined
}

export interface TokenCount {
  tokens: number
  /** The encoding that counted, or the family whose tokenizer was estimated. */
  tokenizer: string
  /** False for an estimate: another family's tokenizer, tools, or anything that is not text. */
  exact: boolean
}

/**
 * Counts the tokens of a text, of chat messages, of tools, or of all together. Exact for text and plain
 * messages of OpenAI models (reasoning models: text only); else an estimate that says so. The first call for an encoding loads it (200 ms).
 */
export async function countTokens(input: CountInput): Promise<TokenCount> {
  return countTokensSync(input)
}

/** As `countTokens`, for callers that cannot wait. */
export function countTokensSync({ model, text, messages, tools = [] }: CountInput): TokenCount {
  const family = familyOf(model)
  const count = loadEncoding(family.encoding)
  const texts = typeof text === 'string' ? [text] : (text ?? [])
  const tokens =
    texts.reduce((sum, part) => sum + count(part), 0) +
    (messages === undefined ? 0 : countMessages(messages, count, family)) +
    countTools(tools, count)
  const isPlain = tools.length === 0 && (messages ?? []).every(isPlainMessage)
  const isChatExact = messages === undefined || family.exactChat
  return {
    tokens: Math.ceil(tokens * family.factor),
    tokenizer: family.tokenizer,
    exact: family.exact && isChatExact && isPlain,
  }
}

function isPlainMessage({ content, tool_calls: toolCalls }: CountableMessage): boolean {
  const isText = typeof content === 'string' || (content ?? []).every((part) => part.text !== undefined)
  return isText && (toolCalls ?? []).length === 0
}
