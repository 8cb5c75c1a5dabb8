import type { JsonObject } from '../../types/json.ts'
import type { Quirks } from '../../types/quirks.ts'
import type { ChatRequest, ResponseFormat } from '../../types/request.ts'
import { compact, objectOf, textOf } from '../wire.ts'
import { toGeminiSchema } from './schema.ts'
import { renderThinking } from './thinking.ts'

/** `generationConfig`: how to write, how much and in what form. */
export function renderGenerationConfig(request: ChatRequest, quirks: Quirks): JsonObject {
  return compact({
    maxOutputTokens: request.maxTokens,
    temperature: request.temperature,
    topP: request.topP,
    topK: request.topK,
    stopSequences: request.stop,
    seed: request.seed,
    candidateCount: request.n,
    presencePenalty: request.presencePenalty,
    frequencyPenalty: request.frequencyPenalty,
    responseLogprobs: request.logprobs,
    logprobs: request.topLogprobs,
    responseModalities: request.modalities?.map((modality) => modality.toUpperCase()),
    speechConfig: renderSpeech(request.audio),
    thinkingConfig: renderThinking(request.reasoning, quirks),
    ...renderFormat(request.responseFormat),
  })
}

/** OpenAI's `audio.voice` is a prebuilt voice; its `format` has no counterpart. */
function renderSpeech(audio: JsonObject | undefined): JsonObject | undefined {
  const voiceName = textOf(audio?.voice)
  if (voiceName === undefined) return objectOf(audio?.speechConfig)
  return { voiceConfig: { prebuiltVoiceConfig: { voiceName } } }
}

function renderFormat(format: ResponseFormat | undefined): JsonObject {
  if (format === undefined || format.type === 'text') return {}
  if (format.type === 'json') return { responseMimeType: 'application/json' }
  const responseSchema = toGeminiSchema(format.schema)
  return {
    responseMimeType: 'application/json',
    ...(responseSchema === undefined ? { responseJsonSchema: format.schema } : { responseSchema }),
  }
}
