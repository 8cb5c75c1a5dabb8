import { mostSearchUnits, mostTranscriptionUsage } from '@switchyard/llm/kit'
import type { AudioFile } from '@switchyard/llm/kit'
import type { CallSize, TokenKind } from '../policy/call-price.ts'
import type { LlmCall } from './call.ts'

/** The client's own bound, by the formats' names for it. Services differ in which they look at, so the largest counts. */
const MAX_TOKENS_FIELDS = ['max_completion_tokens', 'max_tokens', 'max_output_tokens'] as const
/** What a picture or file behind an address may have at most; its bytes are not in the body. */
const MEDIA_TOKENS = 16_384

/** What a call can use at most, as far as its bytes tell. */
export function sizeOf(call: LlmCall): CallSize {
  const { scan, body, route } = call
  // A token takes a byte at least.
  const inputTokens = body.length + (scan.sawWatched ? MEDIA_TOKENS : 0)
  if (route.operation === 'embeddings') return { inputTokens, maxTokens: 0 }
  if (route.operation === 'rerank') return rankingSizeOf(call)
  if (call.file !== undefined) return listeningSizeOf(call.file)
  const bounds = MAX_TOKENS_FIELDS.flatMap((field) => scan.number(field) ?? [])
  const kinds = kindsOf(call)
  return {
    inputTokens,
    maxTokens: bounds.length === 0 ? undefined : Math.max(...bounds),
    answers: Math.max(scan.number('n') ?? 1, scan.number('best_of') ?? 1),
    serviceTier: scan.string('service_tier'),
    ...(kinds.length === 0 ? {} : { kinds }),
  }
}

/** How long a recording is only who listens to it knows for certain. */
function listeningSizeOf({ bytes }: AudioFile): CallSize {
  const { audioMs, inputTokens, outputTokens } = mostTranscriptionUsage(bytes.length)
  return { inputTokens, maxTokens: outputTokens, audioMs, kinds: ['audio_input'] }
}

/** A model that ranks reads the query again with each document. */
function rankingSizeOf({ scan, body }: LlmCall): CallSize {
  const documents = scan.count('documents')
  const inputTokens = body.length + documents * Buffer.byteLength(scan.string('query') ?? '')
  return { inputTokens, maxTokens: 0, searchUnits: mostSearchUnits(documents, body.length) }
}

const CACHE_MARK = Buffer.from('"cache_control"')
const AUDIO_MARK = Buffer.from('"input_audio"')

/** Kinds of tokens with prices of their own that the body may ask for. */
function kindsOf({ body, scan, route }: LlmCall): TokenKind[] {
  const kinds: TokenKind[] = []
  // Anthropic's clients mark what is to be cached; other providers cache by themselves and charge nothing for it.
  if (body.includes(CACHE_MARK)) kinds.push('cache_write')
  if (body.includes(AUDIO_MARK)) kinds.push('audio_input')
  if (scan.sawWatched) kinds.push('image_input')
  if (route.operation === 'chat' && scan.has('audio')) kinds.push('audio_output')
  return kinds
}
