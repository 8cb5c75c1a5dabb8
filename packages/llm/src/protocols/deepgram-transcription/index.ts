import type { Json, JsonObject } from '../../types/json.ts'
import type { TranscriptionAnswer, TranscriptionRequest } from '../../types/transcription.ts'
import { wireError } from '../failure.ts'
import type { ParseContext, RenderContext, TranscriptionProtocol } from '../protocol.ts'
import { noTranscript, usageOfLength } from '../transcript.ts'
import { numberOf, objectOf, objectsOf, parseJson, stringOf, textOf } from '../wire.ts'

/** Deepgram's `/listen`: settings in the address, the recording as the body. */
export const deepgramTranscriptionProtocol: TranscriptionProtocol = {
  id: 'deepgram-transcription',
  params: new Set(),
  renderRequest: (request, context) => ({
    path: `/listen?${queryOf(request, context)}`,
    body: { type: 'bytes', file: request.file },
  }),
  parseAnswer,
  parseFailure: (failure, context) => {
    const body = objectOf(failure.body)
    const message = textOf(body?.['err_msg']) ?? textOf(body?.['message']) ?? textOf(body?.['details']) ?? ''
    return wireError(failure, context, { message, providerCode: textOf(body?.['err_code']) })
  },
}

function queryOf({ language, extra = {} }: TranscriptionRequest, { model }: RenderContext): string {
  const query = new URLSearchParams({ model })
  if (language !== undefined) query.set('language', language)
  for (const [name, value] of Object.entries(extra))
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, wordOf(one))
  return query.toString()
}

function wordOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function parseAnswer(body: string, context: ParseContext): TranscriptionAnswer {
  const root = objectOf(parseJson(body))
  const [channel] = objectsOf(objectOf(root?.['results'])?.['channels'])
  const [best] = objectsOf(channel?.['alternatives'])
  const text = stringOf(best?.['transcript'])
  if (text === undefined) throw noTranscript(context)
  const words = objectsOf(best?.['words']).map(readWord)
  const metadata = objectOf(root?.['metadata'])
  const durationS = numberOf(metadata?.['duration'])
  const durationMs = durationS === undefined ? undefined : Math.round(durationS * 1000)
  return {
    model: '',
    text,
    language: textOf(channel?.['detected_language']),
    durationMs,
    words: words.length === 0 ? undefined : words,
    usage: durationMs === undefined ? undefined : usageOfLength(durationMs),
  }
}

/** With its capital and its comma where Deepgram was asked to punctuate. */
function readWord({ punctuated_word: punctuated, ...word }: JsonObject): JsonObject {
  return { ...word, word: stringOf(punctuated) ?? stringOf(word['word']) ?? '' }
}
