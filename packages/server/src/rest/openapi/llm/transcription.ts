import { z } from 'zod'
import { model, stream, temperature } from './description.ts'
import type { LlmDescription } from './description.ts'

const request = z
  .looseObject({
    model,
    file: z.string().meta({ format: 'binary', description: 'The recording' }),
    language: z.string().optional().meta({ description: 'ISO 639-1; left out: the model finds out' }),
    prompt: z.string().optional().meta({ description: 'Names and spellings to expect' }),
    response_format: z.enum(['json', 'text', 'srt', 'verbose_json', 'vtt', 'diarized_json']).optional(),
    temperature,
    'timestamp_granularities[]': z.array(z.enum(['word', 'segment'])).optional(),
    stream,
  })
  .meta({ id: 'TranscriptionRequest' })

const answer = z
  .looseObject({
    text: z.string(),
    language: z.string().optional(),
    duration: z.number().optional().meta({ description: 'Seconds' }),
    segments: z.array(z.looseObject({ start: z.number(), end: z.number(), text: z.string() })).optional(),
    words: z.array(z.looseObject({ start: z.number(), end: z.number(), word: z.string() })).optional(),
    usage: z.looseObject({ type: z.enum(['duration', 'tokens']) }).optional(),
  })
  .meta({ id: 'Transcription' })

export const transcription: LlmDescription = {
  summary: 'What was said in a recording, in OpenAI’s shape',
  request,
  requestType: 'multipart/form-data',
  answer,
  stream: '`transcript.text.delta` with all of it, then `transcript.text.done`',
  example: { model: '<model>', file: '@speech.mp3', response_format: 'json' },
}
