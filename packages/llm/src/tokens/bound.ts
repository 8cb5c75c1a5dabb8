/**
 * The most tokens that text of so many UTF-8 bytes can have: tokenizers work on bytes, so a token covers at
 * least one. The bytes of a request body also cover what a chat prompt adds for each message. Media that the
 * body only refers to are not covered: add `boundImageTokens` for each.
 */
export function boundTokens(utf8Bytes: number): number {
  return Math.max(0, Math.ceil(utf8Bytes))
}

/** Characters per token, by kind of character, on o200k_base. */
const charactersPerToken = { latin: 4.6, digit: 2.5, symbol: 1.7, wide: 1.35, other: 3 }

/**
 * A cheap estimate of the tokens of a text, for when a provider sends no usage: no tokenizer is loaded, a
 * megabyte takes a few milliseconds. Within about a fifth of o200k_base on prose and code.
 */
export function estimateTokens(text: string): number {
  let latin = 0
  let digit = 0
  let symbol = 0
  let wide = 0
  let other = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) {
      if (isWide(code)) wide++
      else other++
    } else if (code >= 0x30 && code <= 0x39) digit++
    else if (code <= 0x20 || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)) latin++
    else symbol++
  }
  return Math.ceil(
    latin / charactersPerToken.latin +
      digit / charactersPerToken.digit +
      symbol / charactersPerToken.symbol +
      wide / charactersPerToken.wide +
      other / charactersPerToken.other,
  )
}

/** Chinese, Japanese, Korean, and the halves of emoji. */
function isWide(code: number): boolean {
  return code >= 0x2e80 && (code <= 0xdfff || code >= 0xf900)
}
