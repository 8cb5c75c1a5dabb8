import { dialects } from '@switchyard/llm/kit'
import type { AudioFile, ChatDialect, ChatRequest, Json, JsonObject } from '@switchyard/llm/kit'
import type { IncomingHttpHeaders } from 'node:http'
import { knownNames } from '../http/json-scanner.ts'
import type { JsonScan } from '../http/scan-json.ts'
import { insertMember } from '../http/splice.ts'
import { scanJson } from '../http/scan-json.ts'
import { checkFields, REQUEST_FIELDS } from './check-fields.ts'
import {
  checkAllowed,
  checkExtraHeaders,
  GATEWAY_FIELDS,
  invalidHeader,
  isOwnMetadata,
  isPlainValue,
} from './fields.ts'
import { checkKnown } from './known-fields.ts'
import { MEDIA_KEYS } from './media-keys.ts'
import { readRouting } from './call-routing.ts'
import type { CallRouting } from './call-routing.ts'
import { isConversation } from './routes/routes.ts'
import type { LlmRoute } from './routes/routes.ts'
import { missingModel } from './refusals.ts'
import { transcriptType } from './transcript-form.ts'
import type { Handover } from './upstream/stream-converter.ts'

/** A client's request, read as far as it has to be: the top level always, the rest only when something needs it. */
export interface LlmCall {
  route: LlmRoute
  dialect: ChatDialect
  body: Buffer
  scan: JsonScan
  /** The model as the client named it. */
  model: string
  stream: boolean
  /** The client wants usage in its stream. */
  wantsUsage: boolean
  options: CallSettings
  /** The most output to ask the provider for, where a budget and not the client bounds it. */
  boundTokens?: number | undefined
  /** Its stream is read, so that another one can go on where it breaks; `before`: it is that other one. */
  continuation?: { readonly before?: Handover | undefined } | undefined
  /** Headers that belong to the client's format and pass to a provider of the same format. */
  clientHeaders: Readonly<Record<string, string>> | undefined
  /** The recording that came beside the body; its digest stands in it. */
  file: AudioFile | undefined
  /** What a whole answer is sent as. */
  contentType: string
  /** The whole body, parsed once, without the fields that are for the gateway. */
  parsedBody: () => JsonObject
  /** The whole request in our own form, parsed and checked once. */
  chatRequest: () => ChatRequest
}

/** What a client may say about the handling of its call. */
export interface CallSettings {
  numRetries?: number | undefined
  timeoutMs?: number | undefined
  dropParams?: boolean | undefined
  additionalDropParams?: readonly string[] | undefined
  allowedParams?: readonly string[] | undefined
  mockResponse?: string | undefined
  extraHeaders?: Record<string, string> | undefined
  extraBody?: JsonObject | undefined
  /** What `extra_body` says about the cache: clients that do not take it apart send it so. */
  cache?: Json | undefined
  routing?: CallRouting | undefined
  /** Fields in the body that no provider must see; a body with any cannot be relayed as it is. */
  hasOwnFields: boolean
}

/** What requests mostly consist of, and a provider may see. */
const PLAIN_FIELDS: ReadonlySet<string> = new Set(
  [...REQUEST_FIELDS].filter((key) => !GATEWAY_FIELDS.has(key)),
)

const SCAN = { watch: MEDIA_KEYS, names: knownNames(REQUEST_FIELDS) }

/** Reads and checks a body. Nothing is sent anywhere before this has passed. */
export function readCall(
  route: LlmRoute,
  params: Readonly<Record<string, string>>,
  headers: IncomingHttpHeaders,
  given: Buffer,
  file?: AudioFile,
): LlmCall {
  let body = given
  let scan = scanJson(body, SCAN)
  // Paths that name the model win over the body, as on Azure.
  if (params.model !== undefined && !scan.has('model')) {
    body = insertMember(body, scan, 'model', JSON.stringify(params.model))
    scan = scanJson(body, SCAN)
  }
  let hasOwnFields = false
  for (const key of scan.keys()) {
    if (PLAIN_FIELDS.has(key)) continue
    checkAllowed(key)
    if (GATEWAY_FIELDS.has(key)) hasOwnFields = true
  }
  checkFields(scan, route.operation)
  if (hasOwnFields && scan.boolean('strict') === true) checkKnown(scan, route.operation)
  const model = params.model ?? scan.string('model')
  if (model === undefined || model === '') throw missingModel()
  const dialect = dialects[route.dialect]
  let parsed: JsonObject | undefined
  let request: ChatRequest | undefined
  const parsedBody = (): JsonObject => (parsed ??= parseBody(body, model, route))
  return {
    route,
    dialect,
    body,
    scan,
    model,
    stream: isConversation(route) && scan.boolean('stream') === true,
    wantsUsage:
      (scan.json('stream_options') as { include_usage?: unknown } | undefined | null)?.include_usage === true,
    options: readSettings(scan, headers, hasOwnFields),
    clientHeaders: route.dialect === 'anthropic-messages' ? anthropicHeaders(headers) : undefined,
    file,
    contentType: route.operation === 'transcription' ? transcriptType(scan) : 'application/json',
    parsedBody,
    chatRequest: () => (request ??= dialect.parseRequest(parsedBody())),
  }
}

function anthropicHeaders(headers: IncomingHttpHeaders): Record<string, string> | undefined {
  let passing: Record<string, string> | undefined
  for (const name of ANTHROPIC_HEADERS) {
    const value = headers[name]
    if (typeof value !== 'string') continue
    if (!isPlainValue(value)) throw invalidHeader(name, name)
    passing ??= {}
    passing[name] = value
  }
  return passing
}

const ANTHROPIC_HEADERS = ['anthropic-version', 'anthropic-beta'] as const

/** The body without what is for the gateway. */
function parseBody(bytes: Buffer, model: string, route: LlmRoute): JsonObject {
  const body = JSON.parse(withoutMark(bytes).toString()) as JsonObject
  const result: JsonObject = {}
  for (const key in body) if (!GATEWAY_FIELDS.has(key)) result[key] = body[key]
  if (isOwnMetadata(route.dialect, result.store === true)) delete result.metadata
  result.model = model
  return result
}

/** A byte order mark is allowed before JSON, but `JSON.parse` refuses it. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef ? bytes.subarray(3) : bytes
}

function readSettings(scan: JsonScan, headers: IncomingHttpHeaders, hasOwnFields: boolean): CallSettings {
  const settings: CallSettings = { hasOwnFields }
  const retries = numberHeader(headers['x-litellm-num-retries'])
  if (retries !== undefined) settings.numRetries = retries
  const timeout = numberHeader(headers['x-litellm-timeout'])
  if (timeout !== undefined && timeout > 0) settings.timeoutMs = timeout * 1000
  if (!hasOwnFields) return settings
  const count = scan.number('num_retries') ?? scan.number('max_retries')
  if (count !== undefined) settings.numRetries ??= Math.max(0, count)
  const seconds = scan.number('timeout') ?? scan.number('request_timeout')
  if (seconds !== undefined && seconds > 0) settings.timeoutMs ??= seconds * 1000
  settings.routing = readRouting(scan)
  const override = settings.routing?.settings
  if (override !== undefined) {
    const { num_retries: overridden, timeout: limit } = override as Readonly<Record<string, unknown>>
    if (typeof overridden === 'number') settings.numRetries ??= Math.max(0, overridden)
    if (typeof limit === 'number' && limit > 0) settings.timeoutMs ??= limit * 1000
  }
  settings.dropParams = scan.boolean('drop_params')
  settings.additionalDropParams = stringsOf(scan.json('additional_drop_params'))
  settings.allowedParams = stringsOf(scan.json('allowed_openai_params'))
  settings.mockResponse = scan.string('mock_response')
  settings.extraHeaders = checkExtraHeaders(scan.json('extra_headers'))
  const extraBody = scan.json('extra_body') as Json | undefined
  if (typeof extraBody === 'object' && extraBody !== null && !Array.isArray(extraBody)) {
    const { cache, ...rest } = extraBody
    for (const key of Object.keys(rest)) checkAllowed(key)
    settings.extraBody = rest
    settings.cache = cache
  }
  return settings
}

function numberHeader(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined
  const value = Number(header)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}

function stringsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value)
    ? value.filter((member): member is string => typeof member === 'string')
    : undefined
}
