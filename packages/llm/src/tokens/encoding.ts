import { createRequire } from 'node:module'
import type * as EncodingModule from 'gpt-tokenizer/encoding/o200k_base'
import type { EncodingName } from './family.ts'

/** Tokens of a text that is taken literally: text that looks like a special token is only text. */
export type CountText = (text: string) => number

const loaded = new Map<EncodingName, CountText>()

/** An encoding costs about 200 ms and tens of megabytes to load, so each waits for its first use. */
export function loadEncoding(name: EncodingName): CountText {
  let count = loaded.get(name)
  if (count === undefined) {
    const encoding: typeof EncodingModule = createRequire(import.meta.url)(`gpt-tokenizer/encoding/${name}`)
    const literally = { disallowedSpecial: new Set<string>() }
    count = (text) => encoding.countTokens(text, literally)
    loaded.set(name, count)
  }
  return count
}
