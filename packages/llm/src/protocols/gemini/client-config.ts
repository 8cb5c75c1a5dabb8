import type { JsonObject } from '../../types/json.ts'
import type { ChatRequest, ReasoningEffort, ReasoningOptions, ResponseFormat } from '../../types/request.ts'
import {
  invalid,
  optionalArray,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalString,
  restOf,
} from '../check.ts'
import { camelKeys } from './keys.ts'
import { fromGeminiSchema } from './schema.ts'

const KNOWN = new Set([
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'stopSequences',
  'seed',
  'candidateCount',
  'presencePenalty',
  'frequencyPenalty',
  'responseLogprobs',
  'logprobs',
  'responseModalities',
  'thinkingConfig',
])

/** What `generationConfig` says in our words, and the rest of it for Gemini alone. */
export interface ParsedConfig {
  settings: Partial<ChatRequest>
  rest?: JsonObject | undefined
}

export function parseGenerationConfig(body: JsonObject): ParsedConfig {
  const wire = optionalObject(body, 'generationConfig')
  if (wire === undefined) return { settings: {} }
  const config = camelKeys(wire)
  const number = (key: string, range: Parameters<typeof optionalNumber>[2] = {}): number | undefined =>
    optionalNumber(config, key, range, `generationConfig.${key}`)
  const thinking = parseThinking(config)
  const responseFormat = parseFormat(config)
  const settings: Partial<ChatRequest> = {
    maxTokens: number('maxOutputTokens', { integer: true, min: 1 }),
    temperature: number('temperature', { min: 0, max: 2 }),
    topP: number('topP', { min: 0, max: 1 }),
    topK: number('topK', { min: 0 }),
    stop: strings(config, 'stopSequences'),
    seed: number('seed', { integer: true }),
    n: number('candidateCount', { integer: true, min: 1 }),
    presencePenalty: number('presencePenalty'),
    frequencyPenalty: number('frequencyPenalty'),
    logprobs: optionalBoolean(config, 'responseLogprobs', 'generationConfig.responseLogprobs'),
    topLogprobs: number('logprobs', { integer: true, min: 0 }),
    modalities: strings(config, 'responseModalities')?.map((modality) => modality.toLowerCase()),
    reasoning: thinking.reasoning,
    responseFormat,
  }
  const known = responseFormat === undefined ? KNOWN : new Set([...KNOWN, 'responseMimeType'])
  const left = restOf(config, known)
  const rest = thinking.rest === undefined ? left : { ...left, thinkingConfig: thinking.rest }
  return { settings: given(settings), rest }
}

/** Fields that were not given stay away, as they do in a request that another dialect read. */
function given(settings: Partial<ChatRequest>): Partial<ChatRequest> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

function strings(config: JsonObject, key: string): string[] | undefined {
  const path = `generationConfig.${key}`
  return optionalArray(config, key, path)?.map((value, index) => {
    if (typeof value !== 'string') throw invalid(`${path}[${index}]`, 'a string', value)
    return value
  })
}

/**
 * Only JSON is a format of the vocabulary; others (`text/x.enum`) stay with Gemini. So does the schema
 * as it was written, beside its reading for everybody else.
 */
function parseFormat(config: JsonObject): ResponseFormat | undefined {
  const type = optionalString(config, 'responseMimeType', 'generationConfig.responseMimeType')
  if (type !== 'application/json') return undefined
  const own = optionalObject(config, 'responseSchema', 'generationConfig.responseSchema')
  const schema =
    optionalObject(config, 'responseJsonSchema', 'generationConfig.responseJsonSchema') ??
    (own === undefined ? undefined : fromGeminiSchema(own))
  return schema === undefined ? { type: 'json' } : { type: 'json-schema', name: 'response', schema }
}

const LEVELS: readonly ReasoningEffort[] = ['minimal', 'low', 'medium', 'high']

function parseThinking(config: JsonObject): { reasoning?: ReasoningOptions; rest?: JsonObject } {
  const wire = optionalObject(config, 'thinkingConfig', 'generationConfig.thinkingConfig')
  if (wire === undefined) return {}
  const path = 'generationConfig.thinkingConfig'
  const thinking = camelKeys(wire)
  const budget = optionalNumber(
    thinking,
    'thinkingBudget',
    { integer: true, min: -1 },
    `${path}.thinkingBudget`,
  )
  const word = optionalString(thinking, 'thinkingLevel', `${path}.thinkingLevel`)?.toLowerCase()
  const shown = optionalBoolean(thinking, 'includeThoughts', `${path}.includeThoughts`)
  const effort = LEVELS.find((level) => level === word)
  const reasoning: ReasoningOptions = {
    ...(budget === 0 ? { effort: 'none', mode: 'disabled' } : budget === -1 ? { mode: 'adaptive' } : {}),
    ...(budget !== undefined && budget > 0 ? { budgetTokens: budget } : {}),
    ...(effort === undefined ? {} : { effort }),
    ...(shown === true ? { summary: 'auto' } : {}),
  }
  // Unlike callers of other wires, those of this one see no thoughts unless they ask for them.
  return shown === true || budget === 0 ? { reasoning } : { reasoning, rest: { includeThoughts: false } }
}
