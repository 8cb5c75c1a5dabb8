import { parseJson } from '@switchyard/llm/kit'
import type { CacheEntry, Usage } from '@switchyard/llm/kit'
import type { LlmCall } from '../call.ts'

/**
 * An answer as it was given to its client: the body, or the stream with all its events. Kept as text, so that who asks
 * for the same again gets the same, and nothing is written anew.
 */
export interface StoredAnswer {
  readonly form: 'whole' | 'stream'
  readonly body: string
  /** Whether the stream tells its usage. */
  readonly tellsUsage: boolean
  readonly usage?: Usage | undefined
  /** As the provider names it. */
  readonly model?: string | undefined
  readonly id?: string | undefined
  /** Who answered. */
  readonly provider?: string | undefined
}

export function encodeAnswer(answer: StoredAnswer): string {
  return JSON.stringify(answer)
}

/** What was read once is kept beside its entry; a store in memory gives the same entry every time. */
const read = new WeakMap<CacheEntry, ReadAnswer | null>()

export interface ReadAnswer extends StoredAnswer {
  readonly bytes: Buffer
  /** The body once more, where each of its characters is one byte. */
  readonly text: string | undefined
}

/** `undefined` for what is no answer. */
export function decodeAnswer(entry: CacheEntry): ReadAnswer | undefined {
  let answer = read.get(entry)
  if (answer === undefined) read.set(entry, (answer = parse(entry.value) ?? null))
  return answer ?? undefined
}

function parse(value: string): ReadAnswer | undefined {
  const stored = parseJson(value) as Partial<StoredAnswer> | null | undefined
  if (typeof stored !== 'object' || stored === null || typeof stored.body !== 'string') return undefined
  if (stored.form !== 'whole' && stored.form !== 'stream') return undefined
  const { form, body, tellsUsage = false, usage, model, id, provider } = stored
  const bytes = Buffer.from(body)
  const text = bytes.length === body.length ? body : undefined
  return { form, body, tellsUsage, usage, model, id, provider, bytes, text }
}

/** Whether it can be given to this client as it is. */
export function suits({ form, tellsUsage }: StoredAnswer, call: LlmCall): boolean {
  if (!call.stream) return form === 'whole'
  return form === 'stream' && tellsUsage === call.wantsUsage
}
