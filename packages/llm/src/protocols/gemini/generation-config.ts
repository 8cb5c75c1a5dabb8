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
    ...renderFormat(request.responseFormat, hasSchema(request)),
  })
}

/** OpenAI's `audio.voice` is a prebuilt voice; its `format` has no counterpart. */
function renderSpeech(audio: JsonObject | undefined): JsonObject | undefined {
  const voiceName = textOf(audio?.voice)
  if (voiceName === undefined) return objectOf(audio?.speechConfig)
  return { voiceConfig: { prebuiltVoiceConfig: { voiceName } } }
}

/** Whether a client of this wire gave the schema in its own form, which then goes out as it came. */
function hasSchema({ dialect }: ChatRequest): boolean {
  const config = dialect?.protocol === 'gemini' ? objectOf(dialect.fields.generationConfig) : undefined
  return config?.responseSchema !== undefined || config?.responseJsonSchema !== undefined
}

function renderFormat(format: ResponseFormat | undefined, given: boolean): JsonObject {
  if (format === undefined || format.type === 'text') return {}
  if (format.type === 'json' || given) return { responseMimeType: 'application/json' }
  const responseSchema = toGeminiSchema(format.schema)
  return {
    responseMimeType: 'application/json',
    ...(responseSchema === undefined ? { responseJsonSchema: format.schema } : { responseSchema }),
  }
}
