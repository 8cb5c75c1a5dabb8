import type { Transcription } from '@switchyard/llm/kit'
import type { JsonScan } from '../http/scan-json.ts'

const JSON_TYPE = 'application/json'
const EVENTS_TYPE = 'text/event-stream'

/** Content types of transcripts that are words alone. */
const TEXT_TYPES: Readonly<Record<string, string>> = {
  text: 'text/plain; charset=utf-8',
  srt: 'application/x-subrip; charset=utf-8',
  vtt: 'text/vtt; charset=utf-8',
}

/** What a client's transcript is sent as. */
export function transcriptType(scan: JsonScan): string {
  if (scan.boolean('stream') === true) return EVENTS_TYPE
  return TEXT_TYPES[scan.string('response_format') ?? ''] ?? JSON_TYPE
}

/** A transcript in the form that the client wants. A stream of one is one piece, since it is heard as a whole. */
export function writeTranscript(transcript: Transcription, type: string): string {
  if (type === JSON_TYPE) return JSON.stringify(transcript)
  const { text, usage } = transcript
  if (type !== EVENTS_TYPE) return text.endsWith('\n') ? text : `${text}\n`
  const events = [
    { type: 'transcript.text.delta', delta: text },
    { type: 'transcript.text.done', text, usage },
  ]
  return [...events.map((event) => JSON.stringify(event)), '[DONE]']
    .map((data) => `data: ${data}\n\n`)
    .join('')
}
