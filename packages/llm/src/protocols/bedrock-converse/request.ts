import type { JsonObject } from '../../types/json.ts'
import type { Quirks } from '../../types/quirks.ts'
import type { ChatRequest } from '../../types/request.ts'
import { JSON_INSTRUCTION, schemaInstruction } from '../anthropic-messages/json-answer.ts'
import type { RenderContext, WireRequest } from '../protocol.ts'
import { compact, objectOf } from '../wire.ts'
import { jsonOutputConfig } from './json-answer.ts'
import { renderConversation } from './messages.ts'
import { renderModelSettings } from './model-fields.ts'
import type { ModelSettings } from './model-fields.ts'
import { renderToolConfig } from './tools.ts'

/** Bedrock's own fields; whatever else a caller adds is meant for the model. */
const CONVERSE_FIELDS: ReadonlySet<string> = new Set([
  'additionalModelRequestFields',
  'additionalModelResponseFieldPaths',
  'guardrailConfig',
  'inferenceConfig',
  'outputConfig',
  'performanceConfig',
  'promptVariables',
  'requestMetadata',
  'serviceTier',
])

export function renderRequest(request: ChatRequest, context: RenderContext): WireRequest {
  const { quirks } = context
  const { system, messages } = renderConversation(request.messages)
  const format = request.responseFormat
  const schema = format?.type === 'json-schema' ? format : undefined
  const native = quirks.jsonSchema === 'native'
  const jsonAnswer = quirks.jsonSchema === undefined ? schema : undefined
  if (format?.type === 'json') system.push({ text: JSON_INSTRUCTION })
  if (schema !== undefined && quirks.jsonSchema === 'json-object')
    system.push({ text: schemaInstruction(schema) })
  const { type: choice } = request.toolChoice ?? {}
  const forcesTool = choice === 'required' || choice === 'tool' || jsonAnswer !== undefined
  const settings = renderModelSettings(request, context, forcesTool)
  const own: JsonObject = {
    messages,
    system: system.length > 0 ? system : undefined,
    inferenceConfig: renderInferenceConfig(request, settings, quirks),
    toolConfig: renderToolConfig(request, { jsonAnswer, strict: native, thinking: settings.thinking }),
    outputConfig: native && schema !== undefined ? jsonOutputConfig(schema) : undefined,
    serviceTier: renderServiceTier(request.serviceTier),
    requestMetadata: renderMetadata(request.metadata),
  }
  const body = withCallersFields(compact(own), request)
  const modelFields = { ...callersModelFields(request), ...settings.fields }
  if (Object.keys(modelFields).length > 0) body['additionalModelRequestFields'] = modelFields
  const operation = request.stream ? 'converse-stream' : 'converse'
  return { path: `/model/${encodeURIComponent(context.model)}/${operation}`, body }
}

function renderInferenceConfig(
  request: ChatRequest,
  { maxTokens, thinking }: ModelSettings,
  quirks: Quirks,
): JsonObject | undefined {
  const { temperature, topP, stop } = request
  const onlyTemperature = quirks.temperatureOrTopP === true && temperature !== undefined
  const config = compact({
    maxTokens,
    temperature: thinking ? undefined : temperature,
    topP: thinking || onlyTemperature ? undefined : topP,
    stopSequences: stop,
  })
  return Object.keys(config).length > 0 ? config : undefined
}

/** OpenAI's `auto` is Bedrock's `default`. */
function renderServiceTier(tier: string | undefined): JsonObject | undefined {
  return tier === undefined ? undefined : { type: tier === 'auto' ? 'default' : tier }
}

const METADATA_TEXT = /^[\w\s:@$#=/+,.-]{0,256}$/
const METADATA_ENTRIES = 16

/** Labels for Bedrock's own log; it refuses a call for one that it cannot write, so those stay behind. */
function renderMetadata(metadata: JsonObject | undefined): JsonObject | undefined {
  const entries = Object.entries(metadata ?? {}).filter(
    ([key, value]) => typeof value === 'string' && METADATA_TEXT.test(value) && METADATA_TEXT.test(key),
  )
  return entries.length > 0 ? Object.fromEntries(entries.slice(0, METADATA_ENTRIES)) : undefined
}

/** Adds what the caller wrote in Bedrock's words; objects of both sides are joined, ours winning. */
function withCallersFields(own: JsonObject, request: ChatRequest): JsonObject {
  const body: JsonObject = { ...own }
  for (const [key, value] of Object.entries({ ...request.extra, ...dialectFields(request) })) {
    if (!CONVERSE_FIELDS.has(key) || key === 'additionalModelRequestFields' || value === undefined) continue
    const ours = objectOf(own[key])
    const theirs = objectOf(value)
    body[key] = ours !== undefined && theirs !== undefined ? { ...theirs, ...ours } : (own[key] ?? value)
  }
  return body
}

function callersModelFields(request: ChatRequest): JsonObject {
  const given = { ...request.extra, ...dialectFields(request) }
  const loose = Object.entries(given).filter(
    ([key, value]) => !CONVERSE_FIELDS.has(key) && value !== undefined,
  )
  return { ...Object.fromEntries(loose), ...objectOf(given['additionalModelRequestFields']) }
}

function dialectFields(request: ChatRequest): JsonObject | undefined {
  return request.dialect?.protocol === 'bedrock-converse' ? request.dialect.fields : undefined
}
