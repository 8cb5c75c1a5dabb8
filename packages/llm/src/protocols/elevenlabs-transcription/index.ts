import type { TranscriptionAnswer } from '../../types/transcription.ts'
import { wireError } from '../failure.ts'
import type { ParseContext, TranscriptionProtocol } from '../protocol.ts'
import { noTranscript, wordsWithText } from '../transcript.ts'
import { compact, numberOf, objectOf, parseJson, stringOf, textOf } from '../wire.ts'

/** ElevenLabs' `/speech-to-text`. */
export const elevenlabsTranscriptionProtocol: TranscriptionProtocol = {
  id: 'elevenlabs-transcription',
  params: new Set(['temperature']),
  renderRequest: ({ language, temperature, extra, file }, { model }) => ({
    path: '/v1/speech-to-text',
    body: {
      type: 'form',
      fields: { ...extra, ...compact({ model_id: model, language_code: language, temperature }) },
      file,
    },
  }),
  parseAnswer,
  parseFailure: (failure, context) => {
    const detail = objectOf(failure.body)?.['detail']
    const message = textOf(detail) ?? textOf(objectOf(detail)?.['message']) ?? ''
    return wireError(failure, context, { message, providerCode: textOf(objectOf(detail)?.['status']) })
  },
}

function parseAnswer(body: string, context: ParseContext): TranscriptionAnswer {
  const root = objectOf(parseJson(body))
  const text = stringOf(root?.['text'])
  if (root === undefined || text === undefined) throw noTranscript(context)
  const words = wordsWithText(root['words'])
  const endS = numberOf(words.at(-1)?.['end'])
  return {
    model: '',
    text,
    language: textOf(root['language_code']),
    // Where the length is not told, the last word ends near it.
    durationMs: endS === undefined ? undefined : Math.round(endS * 1000),
    words: words.length === 0 ? undefined : words,
  }
}
