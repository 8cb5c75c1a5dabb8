/** The byte-pair encodings that we carry. */
export type EncodingName = 'o200k_base' | 'cl100k_base'

/** How the tokens of a group of models are counted. */
export interface TokenFamily {
  /** Named in results: the encoding itself, or the family whose tokenizer is being estimated. */
  tokenizer: string
  encoding: EncodingName
  /** Tokens of this family per token of `encoding` on mixed English text and code. 1 where it is the same. */
  factor: number
  /** The encoding is the model's own, so the count of a text is exact. */
  exact: boolean
  /** The published formula for chat prompts holds to the token; else it may be off by a few. */
  exactChat: boolean
  /** Tokens of one image of high detail: base plus so many for each tile of 512 × 512. */
  image: { base: number; tile: number }
}

const tiles = { base: 85, tile: 170 }

function own(encoding: EncodingName, image: TokenFamily['image'] = tiles): TokenFamily {
  return { tokenizer: encoding, encoding, factor: 1, exact: true, exactChat: true, image }
}

/** Reasoning models wrap messages in another way, one token less as a rule; open ones add a preamble. */
function ownText(encoding: EncodingName, image: TokenFamily['image'] = tiles): TokenFamily {
  return { ...own(encoding, image), exactChat: false }
}

/**
 * A tokenizer that is not public or not worth its weight, measured in tokens of o200k_base against the usage
 * in recorded answers. The factors lean to the high side: what is estimated is mostly reserved or limited by.
 */
function estimated(tokenizer: string, factor: number, image: TokenFamily['image'] = tiles): TokenFamily {
  return { tokenizer, encoding: 'o200k_base', factor, exact: false, exactChat: false, image }
}

/** Anthropic counts pixels ÷ 750, at most about 1,600; Gemini 258 for each tile. */
const claudeImage = { base: 1400, tile: 0 }
const geminiImage = { base: 0, tile: 258 }

/** In order; the first that matches the name without its provider prefixes. */
const families: readonly (readonly [RegExp, TokenFamily])[] = [
  [/^(ft:)?gpt-4o-mini/, own('o200k_base', { base: 2833, tile: 5667 })],
  [/^(ft:)?(gpt-5|gpt-[6-9])/, ownText('o200k_base', { base: 70, tile: 140 })],
  [/^(ft:)?o[1-9]/, ownText('o200k_base', { base: 75, tile: 150 })],
  [/^(ft:)?(gpt-4o|gpt-4\.1|gpt-4\.5|chatgpt-4o|codex-|gpt-audio|gpt-realtime)/, own('o200k_base')],
  [/^(ft:)?(gpt-4|gpt-3\.5|gpt-35|text-embedding-(3-|ada-002)|davinci-002|babbage-002)/, own('cl100k_base')],
  [/gpt-oss/, ownText('o200k_base')],
  // Anthropic says of the tokenizer it introduced with Opus 4.7: up to 1.35 times the tokens of the one before.
  [/claude-(opus-4-[7-9]|opus-4\.[7-9]|[a-z]+-[5-9])/, estimated('claude-2026', 1.5, claudeImage)],
  [/claude/, estimated('claude', 1.18, claudeImage)],
  [/gemini|gemma/, estimated('gemini', 1, geminiImage)],
  [/llama-?[34]|llama3|llama4/, estimated('llama3', 1.05)],
  [/llama|mixtral|mistral-7b|codellama|vicuna/, estimated('llama2', 1.3)],
  [/mi[sx]tral|ministral|magistral|codestral|devstral|pixtral|voxtral/, estimated('mistral', 1.1)],
  [/qwen|qwq/, estimated('qwen', 1.03)],
  [/deepseek/, estimated('deepseek', 1.05)],
  [/grok/, estimated('grok', 1.08)],
  [/command|c4ai|aya/, estimated('cohere', 1.12)],
  [/nova|titan/, estimated('nova', 1.2)],
]

const unknownFamily = estimated('unknown', 1.2)

/** Tells the family from a model string of any spelling, with or without provider and vendor prefixes. */
export function familyOf(model: string): TokenFamily {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase()
  return families.find(([pattern]) => pattern.test(name))?.[1] ?? unknownFamily
}
