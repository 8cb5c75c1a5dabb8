import type { JsonObject } from './json.ts'
import type { Usage } from './usage.ts'

/** A recording, whole in memory. */
export interface AudioFile {
  bytes: Uint8Array
  /** With its ending, by which services tell the format. */
  name: string
  mediaType: string
}

/** In what form a client wants a transcript. */
export type TranscriptFormat = 'json' | 'text' | 'srt' | 'verbose_json' | 'vtt' | 'diarized_json'

export interface TranscriptionRequest {
  model: string
  file: AudioFile
  /** ISO 639-1; left out: the model finds out. */
  language?: string | undefined
  /** Names and spellings to expect, or what was said before. */
  prompt?: string | undefined
  format: TranscriptFormat
  temperature?: number | undefined
  granularities?: readonly ('word' | 'segment')[] | undefined
  extra?: JsonObject | undefined
}

export interface TranscriptionAnswer {
  model: string
  text: string
  language?: string | undefined
  /** How long the recording is. */
  durationMs?: number | undefined
  /** `start`, `end` (seconds) and `text`, and whatever else the provider tells of them. */
  segments?: JsonObject[] | undefined
  /** `start`, `end` (seconds) and `word`. */
  words?: JsonObject[] | undefined
  usage?: Usage | undefined
}

/** OpenAI's transcript, which callers get whoever has listened. */
export interface Transcription {
  /** What was said; with `text`, `srt` or `vtt` the whole of that. */
  text: string
  task?: 'transcribe'
  language?: string
  /** Seconds. */
  duration?: number
  segments?: TranscriptSegment[]
  words?: TranscriptWord[]
  usage?: TranscriptUsage
}

export interface TranscriptSegment {
  start: number
  end: number
  text: string
  [field: string]: unknown
}

export interface TranscriptWord {
  start: number
  end: number
  word: string
  [field: string]: unknown
}

export type TranscriptUsage =
  | { type: 'duration'; seconds: number }
  | {
      type: 'tokens'
      input_tokens: number
      output_tokens: number
      total_tokens: number
      input_token_details?: { audio_tokens: number; text_tokens: number }
    }
