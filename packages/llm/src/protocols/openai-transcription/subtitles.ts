import { createError } from '../../errors.ts'
import type { JsonObject } from '../../types/json.ts'
import type { TranscriptionAnswer } from '../../types/transcription.ts'
import { numberOf, stringOf } from '../wire.ts'

interface Cue {
  startS: number
  endS: number
  text: string
}

/** As long as people read at a glance. */
const MOST_WORDS = 12
const MOST_SECONDS = 6

/**
 * Writes subtitles: one for each segment, or for a few words where only these have times.
 *
 * @throws `invalid_response` where the provider has told no times.
 */
export function renderSubtitles(
  { segments = [], words = [] }: Pick<TranscriptionAnswer, 'segments' | 'words'>,
  format: 'srt' | 'vtt',
): string {
  const cues = segments.length > 0 ? segments.map((segment) => cueOf(segment, 'text')) : gather(words)
  if (cues.length === 0)
    throw createError({
      code: 'invalid_response',
      message: `The answer tells no times, so there are no subtitles of it: ask for 'json' or 'text'.`,
      param: 'response_format',
    })
  const mark = format === 'srt' ? ',' : '.'
  const blocks = cues.map(({ startS, endS, text }, index) => {
    const number = format === 'srt' ? `${index + 1}\n` : ''
    return `${number}${timeOf(startS, mark)} --> ${timeOf(endS, mark)}\n${text.trim()}\n\n`
  })
  return `${format === 'vtt' ? 'WEBVTT\n\n' : ''}${blocks.join('')}`
}

function cueOf(part: JsonObject, text: 'text' | 'word'): Cue {
  const startS = numberOf(part['start']) ?? 0
  return { startS, endS: numberOf(part['end']) ?? startS, text: stringOf(part[text]) ?? '' }
}

function gather(words: readonly JsonObject[]): Cue[] {
  const cues: Cue[] = []
  let count = 0
  for (const word of words) {
    const cue = cueOf(word, 'word')
    const last = cues.at(-1)
    if (last === undefined || count === MOST_WORDS || cue.endS - last.startS > MOST_SECONDS) {
      cues.push(cue)
      count = 1
      continue
    }
    last.endS = cue.endS
    last.text += ` ${cue.text}`
    count++
  }
  return cues
}

/** `01:02:03,456` */
function timeOf(seconds: number, mark: string): string {
  const ms = Math.round(seconds * 1000)
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  const rest = String(ms % 1000).padStart(3, '0')
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}${mark}${rest}`
}
