import type { TranscriptionAnswer } from '../../types/transcription.ts'
import { parseFailure } from '../openai-chat/failure.ts'
import type { ParseContext, TranscriptionProtocol } from '../protocol.ts'
import { noTranscript, usageOfLength, wordsWithText } from '../transcript.ts'
import { compact, numberOf, objectOf, parseJson, stringOf, textOf } from '../wire.ts'

/** xAI's `/stt`. There is one model, and no field for it. */
export const xaiTranscriptionProtocol: TranscriptionProtocol = {
  id: 'xai-transcription',
  params: new Set(),
  renderRequest: ({ language, extra, file }) => ({
    path: '/stt',
    body: { type: 'form', fields: { ...extra, ...compact({ language }) }, file },
  }),
  parseAnswer,
  parseFailure,
}

function parseAnswer(body: string, context: ParseContext): TranscriptionAnswer {
  const root = objectOf(parseJson(body))
  const text = stringOf(root?.['text'])
  if (root === undefined || text === undefined) throw noTranscript(context)
  const words = wordsWithText(root['words'])
  const durationS = numberOf(root['duration'])
  const durationMs = durationS === undefined ? undefined : Math.round(durationS * 1000)
  return {
    model: '',
    text,
    language: textOf(root['language']),
    durationMs,
    words: words.length === 0 ? undefined : words,
    usage: durationMs === undefined ? undefined : usageOfLength(durationMs),
  }
}
