import { createError } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'
import type { JsonScan } from '../http/scan-json.ts'
import type { LlmOperation } from './routes/routes.ts'

type Kind = NonNullable<ReturnType<JsonScan['kind']>>

interface Rule {
  kinds: readonly Kind[]
  integer?: boolean
  min?: number
  max?: number
  /** The most members a list may have. */
  maxCount?: number
}

const text: Rule = { kinds: ['string', 'null'] }
const flag: Rule = { kinds: ['boolean', 'null'] }
const object: Rule = { kinds: ['object', 'null'] }

function number(min?: number, max?: number, integer = false): Rule {
  return {
    kinds: ['number', 'null'],
    integer,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  }
}

function list(maxCount: number): Rule {
  return { kinds: ['array', 'null'], maxCount }
}

function table(rules: Readonly<Record<string, Rule>>): ReadonlyMap<string, Rule> {
  return new Map(Object.entries(rules))
}

/** More than any model takes or gives. What passes these is for the provider to judge. */
const MAX_MESSAGES = 8_192
const MAX_TOOLS = 2_048
const MAX_N = 128
const MAX_OUTPUT_TOKENS = 10_000_000
const MAX_INPUTS = 16_384

const sampling: Readonly<Record<string, Rule>> = {
  model: { kinds: ['string'] },
  strict: flag,
  stream: flag,
  temperature: number(0, 2),
  top_p: number(0, 1),
  n: number(1, MAX_N, true),
  max_tokens: number(1, MAX_OUTPUT_TOKENS, true),
  user: text,
}

const openai: Readonly<Record<string, Rule>> = {
  ...sampling,
  max_completion_tokens: number(1, MAX_OUTPUT_TOKENS, true),
  presence_penalty: number(-2, 2),
  frequency_penalty: number(-2, 2),
  seed: number(undefined, undefined, true),
  best_of: number(1, MAX_N, true),
  stop: { kinds: ['string', 'array', 'null'] },
  stream_options: object,
  logit_bias: object,
}

/** What the fields of each kind of request must be. Checked on the bytes, so that relayed requests are checked too. */
const RULES: Readonly<Record<LlmOperation, ReadonlyMap<string, Rule>>> = {
  chat: table({
    ...openai,
    messages: { kinds: ['array'], maxCount: MAX_MESSAGES },
    tools: list(MAX_TOOLS),
    functions: list(MAX_TOOLS),
    tool_choice: { kinds: ['string', 'object', 'null'] },
    response_format: object,
    logprobs: flag,
    top_logprobs: number(0, 20, true),
    parallel_tool_calls: flag,
    metadata: object,
  }),
  completions: table({ ...openai, prompt: { kinds: ['string', 'array'] }, suffix: text, echo: flag }),
  embeddings: table({
    model: { kinds: ['string'] },
    input: { kinds: ['string', 'array'], maxCount: MAX_INPUTS },
    dimensions: number(1, undefined, true),
    encoding_format: text,
    user: text,
    strict: flag,
  }),
  rerank: table({
    model: { kinds: ['string'] },
    query: { kinds: ['string'] },
    documents: { kinds: ['array'], maxCount: MAX_INPUTS },
    top_n: number(1, undefined, true),
    return_documents: flag,
    rank_fields: { kinds: ['array', 'null'] },
    max_tokens_per_doc: number(1, undefined, true),
    max_chunks_per_doc: number(1, undefined, true),
    strict: flag,
  }),
  transcription: table({
    model: { kinds: ['string'] },
    file: { kinds: ['string'] },
    language: text,
    prompt: text,
    response_format: text,
    temperature: number(0, 1),
    timestamp_granularities: { kinds: ['array', 'null'] },
    stream: flag,
    strict: flag,
  }),
  responses: table({
    ...sampling,
    input: { kinds: ['string', 'array', 'null'], maxCount: MAX_MESSAGES },
    instructions: { kinds: ['string', 'array', 'null'] },
    tools: list(MAX_TOOLS),
    max_output_tokens: number(1, MAX_OUTPUT_TOKENS, true),
    reasoning: object,
    text: object,
    metadata: object,
    store: flag,
    parallel_tool_calls: flag,
  }),
  messages: table({
    ...sampling,
    temperature: number(0, 1),
    messages: { kinds: ['array'], maxCount: MAX_MESSAGES },
    system: { kinds: ['string', 'array', 'null'] },
    tools: list(MAX_TOOLS),
    tool_choice: object,
    stop_sequences: { kinds: ['array', 'null'] },
    thinking: object,
    metadata: object,
    top_k: number(0, undefined, true),
  }),
  'generate-content': table({
    contents: { kinds: ['array', 'object', 'string'], maxCount: MAX_MESSAGES },
    tools: list(MAX_TOOLS),
    generationConfig: object,
    strict: flag,
  }),
}

/** Every field that a rule is known for: what a request mostly consists of. */
export const REQUEST_FIELDS: ReadonlySet<string> = new Set(
  Object.values(RULES).flatMap((rules) => [...rules.keys()]),
)

/** Required fields, the first missing one is named. */
const REQUIRED: Readonly<Record<LlmOperation, readonly string[]>> = {
  chat: ['messages'],
  completions: ['prompt'],
  embeddings: ['input'],
  rerank: ['query', 'documents'],
  transcription: ['file'],
  responses: [],
  messages: ['messages', 'max_tokens'],
  'generate-content': ['contents'],
}

/** @throws 400 with the field's name: `invalid_type`, `out_of_range`, `limit_exceeded`, `missing_required_parameter`. */
export function checkFields(scan: JsonScan, operation: LlmOperation): void {
  const rules = RULES[operation]
  for (const key of scan.keys()) {
    const rule = rules.get(key)
    if (rule !== undefined) checkField(scan, key, rule)
  }
  for (const key of REQUIRED[operation])
    if ((scan.kind(key) ?? 'null') === 'null')
      throw failure('missing_required_parameter', key, `Missing required parameter: '${key}'.`)
}

function checkField(scan: JsonScan, key: string, rule: Rule): void {
  const kind = scan.kind(key)
  if (kind === undefined || !rule.kinds.includes(kind)) {
    const wanted = rule.kinds.filter((one) => one !== 'null').join(' or ')
    throw failure(
      'invalid_type',
      key,
      `Invalid value for '${key}': expected ${wanted}, got ${kind ?? 'nothing'}.`,
    )
  }
  if (kind === 'number') checkNumber(scan.number(key) ?? Number.NaN, key, rule)
  if (rule.maxCount !== undefined && kind === 'array' && scan.count(key) > rule.maxCount)
    throw failure(
      'limit_exceeded',
      key,
      `'${key}' has ${scan.count(key)} members; at most ${rule.maxCount} are taken.`,
    )
}

function checkNumber(value: number, key: string, rule: Rule): void {
  if (!Number.isFinite(value) || (rule.integer === true && !Number.isInteger(value)))
    throw failure(
      'invalid_type',
      key,
      `Invalid value for '${key}': expected ${rule.integer === true ? 'an integer' : 'a number'}.`,
    )
  if (rule.min !== undefined && value < rule.min)
    throw failure(
      'out_of_range',
      key,
      `Invalid value for '${key}': expected at least ${rule.min}, got ${value}.`,
    )
  if (rule.max !== undefined && value > rule.max) {
    const clamp = rule.max === MAX_N || rule.max === MAX_OUTPUT_TOKENS
    throw failure(
      clamp ? 'limit_exceeded' : 'out_of_range',
      key,
      `Invalid value for '${key}': expected at most ${rule.max}, got ${value}.`,
    )
  }
}

function failure(reason: string, param: string, message: string): SwitchyardError {
  return createError({ code: 'bad_request', reason, param, message })
}
