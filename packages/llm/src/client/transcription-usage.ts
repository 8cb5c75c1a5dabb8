import { estimateTokens } from '../tokens/index.ts'
import type { AudioFile, TranscriptionAnswer } from '../types/transcription.ts'
import type { Usage } from '../types/usage.ts'

/** Of speech in the usual compressed formats: 64 kbit/s. */
const BYTES_PER_SECOND = 8_000
/** OpenAI's models make ten tokens of a second. */
const TOKENS_PER_SECOND = 10

/**
 * The usage of a transcript with the recording's length, which is what most are billed by. What the provider does not tell
 * is estimated.
 */
export function transcriptionUsage(answer: TranscriptionAnswer, file: AudioFile): Usage {
  const { usage, durationMs, text } = answer
  const audioMs = usage?.audioMs ?? durationMs ?? estimateAudioMs(file)
  if (usage !== undefined) return { ...usage, audioMs }
  const inputAudioTokens = Math.ceil((audioMs / 1000) * TOKENS_PER_SECOND)
  return {
    inputTokens: inputAudioTokens,
    outputTokens: estimateTokens(text),
    inputAudioTokens,
    audioMs,
    source: 'estimated',
  }
}

/** How long a recording is: as its head says (WAV), else by its size. */
export function estimateAudioMs({ bytes }: Pick<AudioFile, 'bytes'>): number {
  const seconds = bytes.length / (wavBytesPerSecond(bytes) ?? BYTES_PER_SECOND)
  return Math.ceil(seconds * 1000)
}

const WAV_HEAD_BYTES = 44

function wavBytesPerSecond(bytes: Uint8Array): number | undefined {
  if (bytes.length < WAV_HEAD_BYTES || String.fromCharCode(...bytes.subarray(0, 4)) !== 'RIFF')
    return undefined
  const rate = new DataView(bytes.buffer, bytes.byteOffset).getUint32(28, true)
  return rate === 0 ? undefined : rate
}

/** The thinnest speech there usually is: 8 kbit/s. */
const LEAST_BYTES_PER_SECOND = 1_000
/** More than is said in a second. */
const MOST_WORD_TOKENS_PER_SECOND = 10
const MOST_AUDIO_TOKENS_PER_SECOND = 25

/** What a recording of so many bytes is taken to use at most, before anybody has listened to it. */
export function mostTranscriptionUsage(bytes: number): {
  audioMs: number
  inputTokens: number
  outputTokens: number
} {
  const seconds = Math.ceil(bytes / LEAST_BYTES_PER_SECOND)
  return {
    audioMs: seconds * 1000,
    inputTokens: seconds * MOST_AUDIO_TOKENS_PER_SECOND,
    outputTokens: seconds * MOST_WORD_TOKENS_PER_SECOND,
  }
}
