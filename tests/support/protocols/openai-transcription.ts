import type { Json } from './dialect.ts'

/** Hears how large a recording is, a second for each 1,000 bytes; tells times and length where it is asked to. */
export function renderTranscription(body: Json): Json {
  const file = (body['file'] ?? {}) as { name?: string; size?: number }
  const text = `You sent ${file.name ?? 'nothing'}.`
  const seconds = (file.size ?? 0) / 1_000
  if (body['response_format'] !== 'verbose_json')
    return {
      text,
      usage: {
        type: 'tokens',
        input_tokens: 10 * seconds,
        input_token_details: { text_tokens: 0, audio_tokens: 10 * seconds },
        output_tokens: 4,
        total_tokens: 10 * seconds + 4,
      },
    }
  return {
    task: 'transcribe',
    language: 'english',
    duration: seconds,
    text,
    segments: [{ id: 0, start: 0, end: seconds, text: ` ${text}` }],
    usage: { type: 'duration', seconds: Math.ceil(seconds) },
  }
}
