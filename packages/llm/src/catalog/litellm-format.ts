import type { JsonObject } from '../types/json.ts'
import type { Capability, ModelInfo, ModelMode, Rates } from '../types/model.ts'
import {
  createEntryReader,
  type EntryFinding,
  type EntryReader,
  InvalidModelEntryError,
} from './entry-reader.ts'
import { parseLitellmRates, renderLitellmRates } from './litellm-rates.ts'

/** What an entry says about a model. What it leaves out is left as the catalogue has it. */
export interface ModelPatch {
  provider?: string | undefined
  mode?: ModelMode | undefined
  maxInputTokens?: number | undefined
  maxOutputTokens?: number | undefined
  rates?: Partial<Rates> | undefined
  /** Abilities stated, either way. */
  capabilities?: ReadonlyMap<Capability, boolean> | undefined
  outputVectorSize?: number | undefined
  deprecationDate?: string | undefined
  /** The model that an opaque deployment name stands for. */
  baseModel?: string | undefined
}

const modes: Readonly<Record<string, ModelMode>> = {
  chat: 'chat',
  completion: 'completion',
  responses: 'responses',
  embedding: 'embedding',
  image_generation: 'image',
  image_edit: 'image',
  audio_transcription: 'transcription',
  audio_speech: 'speech',
  rerank: 'rerank',
  moderation: 'moderation',
}

const capabilities: readonly Capability[] = [
  'function_calling',
  'parallel_function_calling',
  'tool_choice',
  'vision',
  'pdf_input',
  'audio_input',
  'audio_output',
  'prompt_caching',
  'reasoning',
  'response_schema',
  'system_messages',
  'web_search',
]

/**
 * Reads a model entry in LiteLLM's format (`model_info`, `register_model`, its JSON map). Keys it does not
 * know are left alone, `null` is as good as absent, prices may be written as numbers or decimal text.
 * Throws `InvalidModelEntryError` with every fault found; `path` is put in front of each.
 */
export function parseLitellmModel(entry: JsonObject, path: string = ''): ModelPatch {
  const findings: EntryFinding[] = []
  const read = createEntryReader(entry, path, findings)
  const mode = read.text('mode')
  const patch: ModelPatch = {
    provider: read.text('litellm_provider'),
    // A mode that we have no word for (video, ocr) says nothing to us; it is not a mistake.
    mode: mode !== undefined && Object.hasOwn(modes, mode) ? modes[mode] : undefined,
    maxInputTokens: read.count('max_input_tokens'),
    maxOutputTokens: read.count('max_output_tokens') ?? read.count('max_tokens'),
    rates: parseLitellmRates(entry, read),
    capabilities: readCapabilities(read),
    outputVectorSize: read.count('output_vector_size'),
    deprecationDate: read.text('deprecation_date'),
    baseModel: read.text('base_model'),
  }
  if (findings.length > 0) throw new InvalidModelEntryError(findings)
  return patch
}

function readCapabilities(read: EntryReader): ReadonlyMap<Capability, boolean> | undefined {
  const stated = new Map<Capability, boolean>()
  for (const capability of capabilities) {
    const flag = read.flag(`supports_${capability}`)
    if (flag !== undefined) stated.set(capability, flag)
  }
  return stated.size === 0 ? undefined : stated
}

/** The entry that describes a model in LiteLLM's format; prices in USD per token or unit, as numbers. */
export function renderLitellmModel(info: ModelInfo): JsonObject {
  const entry: JsonObject = {
    litellm_provider: info.provider,
    mode: renderMode(info.mode),
    max_tokens: info.maxOutputTokens,
    max_input_tokens: info.maxInputTokens,
    max_output_tokens: info.maxOutputTokens,
    output_vector_size: info.outputVectorSize,
    deprecation_date: info.deprecationDate,
    ...(info.rates && renderLitellmRates(info.rates)),
  }
  for (const capability of capabilities) {
    if (info.capabilities.has(capability)) entry[`supports_${capability}`] = true
  }
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined))
}

function renderMode(mode: ModelMode): string {
  return Object.entries(modes).find(([, ours]) => ours === mode)?.[0] ?? mode
}
