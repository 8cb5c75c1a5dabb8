import type { JsonObject } from '../../types/json.ts'
import type {
  AudioFile,
  TranscriptFormat,
  Transcription,
  TranscriptionAnswer,
  TranscriptionRequest,
  TranscriptSegment,
  TranscriptUsage,
  TranscriptWord,
} from '../../types/transcription.ts'
import type { Usage } from '../../types/usage.ts'
import {
  invalid,
  missing,
  optionalArray,
  optionalNumber,
  optionalString,
  optionalWord,
  requiredString,
  restOf,
} from '../check.ts'
import { numberOf, stringOf } from '../wire.ts'
import { renderSubtitles } from './subtitles.ts'

const FORMATS: readonly TranscriptFormat[] = ['json', 'text', 'srt', 'verbose_json', 'vtt', 'diarized_json']
const GRANULARITIES = ['word', 'segment'] as const

const KNOWN = new Set([
  'model',
  'file',
  'language',
  'prompt',
  'response_format',
  'temperature',
  'timestamp_granularities',
])

/** Reads the fields of an `/audio/transcriptions` request; the recording stands beside them. */
export function parseTranscriptionRequest(body: JsonObject, file: AudioFile): TranscriptionRequest {
  const model = requiredString(body, 'model')
  if (model === '') throw missing('model')
  if (file.bytes.length === 0) throw missing('file')
  return {
    model,
    file,
    language: optionalString(body, 'language'),
    prompt: optionalString(body, 'prompt'),
    format: optionalWord(body, 'response_format', FORMATS) ?? 'json',
    temperature: optionalNumber(body, 'temperature', { min: 0, max: 1 }),
    granularities: parseGranularities(body),
    extra: restOf(body, KNOWN),
  }
}

function parseGranularities(body: JsonObject): TranscriptionRequest['granularities'] {
  return optionalArray(body, 'timestamp_granularities')?.map((value, index) => {
    const known = GRANULARITIES.find((word) => word === value)
    if (known === undefined) throw invalid(`timestamp_granularities[${index}]`, "'word' or 'segment'", value)
    return known
  })
}

/** Writes a transcript in OpenAI's shape; of a form that is words alone, the words. */
export function renderTranscription(
  answer: TranscriptionAnswer,
  { format }: TranscriptionRequest,
): Transcription {
  const { text, language, durationMs } = answer
  const usage = answer.usage && renderUsage(answer.usage)
  const rest = usage === undefined ? {} : { usage }
  if (format === 'srt' || format === 'vtt') return { text: renderSubtitles(answer, format), ...rest }
  if (format === 'json' || format === 'text') return { text, ...rest }
  return {
    task: 'transcribe',
    ...(language !== undefined && { language }),
    ...(durationMs !== undefined && { duration: durationMs / 1000 }),
    text,
    ...(answer.segments !== undefined && { segments: answer.segments.map(segmentOf) }),
    ...(answer.words !== undefined && { words: answer.words.map(wordOf) }),
    ...rest,
  }
}

function segmentOf(segment: JsonObject): TranscriptSegment {
  return { ...segment, ...timesOf(segment), text: stringOf(segment['text']) ?? '' }
}

function wordOf(word: JsonObject): TranscriptWord {
  return { ...word, ...timesOf(word), word: stringOf(word['word']) ?? '' }
}

function timesOf({ start, end }: JsonObject): { start: number; end: number } {
  const from = numberOf(start) ?? 0
  return { start: from, end: numberOf(end) ?? from }
}

/** By tokens where the provider counts any, else by the length. */
function renderUsage({ inputTokens, outputTokens, ...usage }: Usage): TranscriptUsage | undefined {
  if (inputTokens + outputTokens === 0 || usage.source === 'estimated')
    return usage.audioMs === undefined ? undefined : { type: 'duration', seconds: usage.audioMs / 1000 }
  const audioTokens = usage.inputAudioTokens
  return {
    type: 'tokens',
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    total_tokens: usage.totalTokens ?? inputTokens + outputTokens,
    ...(audioTokens !== undefined && {
      input_token_details: { audio_tokens: audioTokens, text_tokens: Math.max(0, inputTokens - audioTokens) },
    }),
  }
}
