import type { JsonObject } from '../../types/json.ts'
import type { Quirks } from '../../types/quirks.ts'
import type { TranscriptFormat, TranscriptionAnswer } from '../../types/transcription.ts'
import type { Usage } from '../../types/usage.ts'
import { parseFailure } from '../openai-chat/failure.ts'
import type { ParseContext, TranscriptionProtocol } from '../protocol.ts'
import { noTranscript, usageOfLength } from '../transcript.ts'
import { compact, countOf, numberOf, objectOf, objectsOf, stringOf, textOf } from '../wire.ts'

/** OpenAI's `/audio/transcriptions`, which most services speak. */
export const openaiTranscriptionProtocol: TranscriptionProtocol = {
  id: 'openai-transcription',
  params: new Set(['prompt', 'temperature']),
  renderRequest: (request, { model, quirks }) => ({
    path: '/audio/transcriptions',
    body: {
      type: 'form',
      fields: {
        ...request.extra,
        ...compact({
          model,
          language: request.language,
          prompt: request.prompt,
          response_format: wireFormat(request.format, quirks),
          temperature: request.temperature,
          timestamp_granularities: granularitiesOf(request.format, request.granularities, quirks),
        }),
      },
      file: request.file,
    },
  }),
  parseAnswer,
  parseFailure,
}

/** Subtitles are made here of times, and the bill of some of the length. */
function wireFormat(format: TranscriptFormat, { transcripts = 'plain' }: Quirks): string | undefined {
  if (transcripts === 'unnamed') return undefined
  if (format === 'diarized_json') return format
  const isWordsAlone = format === 'json' || format === 'text'
  return isWordsAlone && transcripts === 'plain' ? 'json' : 'verbose_json'
}

function granularitiesOf(
  format: TranscriptFormat,
  asked: readonly string[] | undefined,
  { transcripts }: Quirks,
): string[] | undefined {
  if (asked !== undefined) return [...asked]
  return transcripts === 'unnamed' && format !== 'json' && format !== 'text' ? ['segment'] : undefined
}

function parseAnswer(body: string, context: ParseContext): TranscriptionAnswer {
  const root = rootOf(body)
  // A server that knows one form only may answer with the words alone.
  if (root === undefined && body.trim() !== '') return { model: '', text: body.trim() }
  const text = stringOf(root?.['text'])
  if (root === undefined || text === undefined) throw noTranscript(context)
  const durationS = numberOf(root['duration'])
  const segments = objectsOf(root['segments'])
  const words = objectsOf(root['words'])
  return {
    model: textOf(root['model']) ?? '',
    text,
    language: textOf(root['language']),
    durationMs: durationS === undefined ? undefined : Math.round(durationS * 1000),
    segments: segments.length === 0 ? undefined : segments,
    words: words.length === 0 ? undefined : words,
    usage: parseUsage(objectOf(root['usage']), durationS, context.quirks),
  }
}

function rootOf(body: string): JsonObject | undefined {
  try {
    return objectOf(JSON.parse(body) as JsonObject)
  } catch {
    return undefined
  }
}

/** By the second (`seconds`, Mistral's `prompt_audio_seconds`, the length itself) or by the token, in either spelling. */
function parseUsage(
  usage: JsonObject | undefined,
  durationS: number | undefined,
  { leastAudioMs }: Quirks,
): Usage | undefined {
  const seconds = numberOf(usage?.['seconds']) ?? numberOf(usage?.['prompt_audio_seconds']) ?? durationS
  const inputTokens = countOf(usage?.['input_tokens']) ?? countOf(usage?.['prompt_tokens'])
  const audioMs = seconds === undefined ? undefined : Math.round(seconds * 1000)
  if (inputTokens === undefined)
    return audioMs === undefined ? undefined : usageOfLength(audioMs, usage, leastAudioMs)
  const details = objectOf(usage?.['input_token_details'])
  return {
    inputTokens,
    outputTokens: countOf(usage?.['output_tokens']) ?? countOf(usage?.['completion_tokens']) ?? 0,
    totalTokens: countOf(usage?.['total_tokens']),
    inputAudioTokens: countOf(details?.['audio_tokens']),
    reportedCostUsd: numberOf(usage?.['cost']),
    audioMs,
    source: 'provider',
    raw: usage,
  }
}
