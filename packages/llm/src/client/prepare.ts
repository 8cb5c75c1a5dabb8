import { createError } from '../errors.ts'
import type {
  ChatProtocol,
  CountProtocol,
  EmbeddingProtocol,
  ParseContext,
  RenderContext,
  RerankProtocol,
  TranscriptionProtocol,
  WireRequest,
} from '../protocols/protocol.ts'
import type { Surface } from '../providers/provider.ts'
import type { AuthContext } from '../types/auth.ts'
import type { EmbeddingRequest } from '../types/embedding.ts'
import type { JsonObject } from '../types/json.ts'
import type { Quirks } from '../types/quirks.ts'
import type { ChatRequest, RequestParam } from '../types/request.ts'
import type { RerankRequest } from '../types/rerank.ts'
import type { TranscriptionRequest } from '../types/transcription.ts'
import type { Environment } from './environment.ts'
import { dropPaths } from './drop-paths.ts'
import type { DropRules } from './params.ts'
import { applyParamSupport, unsupportedParams } from './params.ts'
import { quirksOf } from './quirks.ts'
import { encodeUpload } from './upload.ts'
import type { ResolvedTarget } from './resolve.ts'
import { baseUrlOf } from './resolve.ts'

/** What preparing a call takes from the world. */
export interface PrepareContext {
  env: Environment
  newId: () => string
  /** The model's output bound, where the catalogue knows it. */
  maxOutputTokens?: number | undefined
}

export interface PrepareRules extends DropRules {
  /** Fields to add to the body as they are. */
  extraBody?: JsonObject | undefined
}

/** A call that only lacks its signature. */
export interface PreparedCall<Protocol> {
  protocol: Protocol
  url: string
  headers: Record<string, string>
  body: JsonObject
  /** For reading the answer. */
  parse: ParseContext
  resolved: ResolvedTarget
}

/** Which of a provider's chat-like surfaces a call goes through. */
export type ChatOperation = 'chat' | 'responses' | 'messages' | 'completions'

/** The surface of a provider for an operation; `chat` serves the others where a provider has no native one. */
export function chatSurfaceOf(resolved: ResolvedTarget, operation: ChatOperation): Surface<ChatProtocol> {
  const { speaks } = resolved.provider
  const native = operation === 'chat' ? undefined : speaks[operation]
  const surface =
    (typeof native === 'function' ? native(resolved.target) : native) ??
    (typeof speaks.chat === 'function' ? speaks.chat(resolved.target) : speaks.chat)
  if (surface === undefined) throw unsupported(resolved, 'chat')
  return surface
}

function unsupported({ provider, target }: ResolvedTarget, what: string): Error {
  return createError({
    code: 'bad_request',
    message: `${provider.name} offers no ${what}; choose another provider for model '${target.model}'`,
    provider: provider.id,
    model: target.model,
    param: 'model',
  })
}

/** Writes a chat call for a target. Pure but for the ids it makes. */
export function prepareChat(
  resolved: ResolvedTarget,
  surface: Surface<ChatProtocol>,
  request: ChatRequest,
  rules: PrepareRules,
  context: PrepareContext,
): PreparedCall<ChatProtocol> {
  const { provider, target } = resolved
  const { protocol } = surface
  if (request.nativeOnly !== undefined && request.dialect?.protocol !== protocol.id)
    throw createError({
      code: 'bad_request',
      message: `This value of '${request.nativeOnly}' can be served only by a provider with a native ${request.dialect?.protocol ?? 'API of that kind'}; ${provider.name} has none for model '${target.model}'`,
      param: request.nativeOnly,
      provider: provider.id,
      model: target.model,
    })
  const quirks = quirksOf(provider, target.model)
  const model = wireModelOf(resolved, quirks)
  const place = { provider: provider.id, model: target.model }
  const supported = applyParamSupport(
    request,
    { params: protocol.params, unsupported: unsupportedBy(quirks, request) },
    rules,
    place,
  )
  const render: RenderContext = {
    model,
    quirks,
    newId: context.newId,
    ...(context.maxOutputTokens === undefined ? {} : { maxOutputTokens: context.maxOutputTokens }),
  }
  const wire = protocol.renderRequest(supported, render)
  const url = urlOf(resolved, surface, wire.path, model, request.stream, context.env)
  return {
    protocol,
    url,
    headers: headersOf(resolved, protocol.headers, wire.headers),
    body: finishBody(wire.body, resolved, surface, rules, url),
    parse: { provider: provider.id, model: target.model, quirks, newId: context.newId },
    resolved,
  }
}

function unsupportedBy(quirks: Quirks, { reasoning }: ChatRequest): readonly RequestParam[] {
  const reasons = reasoning?.effort !== undefined && reasoning.effort !== 'none'
  return [...(quirks.unsupported ?? []), ...(reasons ? (quirks.unsupportedWhileReasoning ?? []) : [])]
}

/** The surface of a provider for embeddings. */
export function embeddingSurfaceOf(resolved: ResolvedTarget): Surface<EmbeddingProtocol> {
  const { embeddings } = resolved.provider.speaks
  const surface = typeof embeddings === 'function' ? embeddings(resolved.target) : embeddings
  if (surface === undefined) throw unsupported(resolved, 'embeddings')
  return surface
}

/** Writes one embedding call for a target. */
export function prepareEmbedding(
  resolved: ResolvedTarget,
  surface: Surface<EmbeddingProtocol>,
  request: EmbeddingRequest,
  rules: PrepareRules,
  context: PrepareContext,
): PreparedCall<EmbeddingProtocol> {
  return prepareWhole(resolved, surface, request, rules, context)
}

/** A call that carries a recording and only lacks its signature. */
export interface PreparedUpload extends Omit<PreparedCall<TranscriptionProtocol>, 'body'> {
  body: Uint8Array
}

/** The surface of a provider for transcription. */
export function transcriptionSurfaceOf(resolved: ResolvedTarget): Surface<TranscriptionProtocol> {
  const { transcription } = resolved.provider.speaks
  if (transcription === undefined) throw unsupported(resolved, 'transcription')
  return transcription
}

/**
 * Writes a call that has a recording listened to.
 *
 * @throws `unsupported_params` for a setting that the target cannot take, unless it is to be dropped.
 */
export function prepareTranscription(
  resolved: ResolvedTarget,
  surface: Surface<TranscriptionProtocol>,
  request: TranscriptionRequest,
  rules: PrepareRules,
  context: PrepareContext,
): PreparedUpload {
  const { provider, target } = resolved
  const { protocol } = surface
  const refused = (['prompt', 'temperature'] as const).filter(
    (param) =>
      request[param] !== undefined &&
      !protocol.params.has(param) &&
      rules.allowedParams?.includes(param) !== true,
  )
  if (refused.length > 0 && rules.dropParams !== true)
    throw unsupportedParams(refused, { provider: provider.id, model: target.model })
  const quirks = quirksOf(provider, target.model)
  const model = wireModelOf(resolved, quirks)
  const wire = protocol.renderRequest(request, { model, quirks, newId: context.newId })
  const url = urlOf(resolved, surface, wire.path, model, false, context.env)
  const upload =
    wire.body.type === 'bytes'
      ? wire.body
      : { ...wire.body, fields: finishBody(wire.body.fields, resolved, surface, rules, url) }
  const { bytes, contentType } = encodeUpload(upload, context.newId)
  return {
    protocol,
    url,
    headers: { ...headersOf(resolved, undefined, undefined), 'content-type': contentType },
    body: bytes,
    parse: { provider: provider.id, model: target.model, quirks, newId: context.newId },
    resolved,
  }
}

/** The surface of a provider for rerank. */
export function rerankSurfaceOf(resolved: ResolvedTarget): Surface<RerankProtocol> {
  const { rerank } = resolved.provider.speaks
  if (rerank === undefined) throw unsupported(resolved, 'rerank')
  return rerank
}

/**
 * Writes a rerank call for a target.
 *
 * @throws `unsupported_params` for a bound of documents that the target cannot take, unless they are to be dropped.
 */
export function prepareRerank(
  resolved: ResolvedTarget,
  surface: Surface<RerankProtocol>,
  request: RerankRequest,
  rules: PrepareRules,
  context: PrepareContext,
): PreparedCall<RerankProtocol> {
  const refused = DOCUMENT_BOUNDS.filter(
    ({ param, field }) =>
      request[field] !== undefined &&
      !surface.protocol.params.has(param) &&
      rules.allowedParams?.includes(param) !== true,
  ).map(({ param }) => param)
  const { provider, target } = resolved
  if (refused.length > 0 && rules.dropParams !== true)
    throw unsupportedParams(refused, { provider: provider.id, model: target.model })
  return prepareWhole(resolved, surface, request, rules, context)
}

const DOCUMENT_BOUNDS = [
  { param: 'max_tokens_per_doc', field: 'maxTokensPerDoc' },
  { param: 'max_chunks_per_doc', field: 'maxChunksPerDoc' },
] as const

/** How a provider counts input tokens; `undefined` where it does not. */
export function countSurfaceOf({ provider, target }: ResolvedTarget): Surface<CountProtocol> | undefined {
  const { counting } = provider.speaks
  return typeof counting === 'function' ? counting(target) : counting
}

/** Writes a call that counts the input of a chat request. */
export function prepareCount(
  resolved: ResolvedTarget,
  surface: Surface<CountProtocol>,
  request: ChatRequest,
  context: PrepareContext,
): PreparedCall<CountProtocol> {
  return prepareWhole(resolved, surface, request, {}, context)
}

interface WholeProtocol<Request> {
  headers?: Readonly<Record<string, string>> | undefined
  renderRequest: (request: Request, context: RenderContext) => WireRequest
}

/** Writes a call that is answered whole. */
function prepareWhole<Request, Protocol extends WholeProtocol<Request>>(
  resolved: ResolvedTarget,
  surface: Surface<Protocol>,
  request: Request,
  rules: PrepareRules,
  context: PrepareContext,
): PreparedCall<Protocol> {
  const { provider, target } = resolved
  const { protocol } = surface
  const quirks = quirksOf(provider, target.model)
  const model = wireModelOf(resolved, quirks)
  const wire = protocol.renderRequest(request, { model, quirks, newId: context.newId })
  const url = urlOf(resolved, surface, wire.path, model, false, context.env)
  return {
    protocol,
    url,
    headers: headersOf(resolved, protocol.headers, wire.headers),
    body: finishBody(wire.body, resolved, surface, rules, url),
    parse: { provider: provider.id, model: target.model, quirks, newId: context.newId },
    resolved,
  }
}

/** The model as it goes on the wire. */
export function wireModelOf({ provider, target }: ResolvedTarget, quirks: Quirks): string {
  const model = provider.wireModel?.(target) ?? target.model
  const prefix = quirks.modelPrefix
  return prefix === undefined || model.startsWith(prefix) || model.includes('/') ? model : `${prefix}${model}`
}

/** The address of a call: the base keeps its path and gets the protocol's, unless it ends in it already. */
export function urlOf(
  resolved: ResolvedTarget,
  surface: Surface<unknown>,
  path: string,
  model: string,
  stream: boolean,
  env: Environment,
): string {
  const { base, custom } = baseUrlOf(resolved, env)
  if (surface.url !== undefined)
    return surface.url({ base, custom, path, model, stream, target: resolved.target })
  return base.endsWith(path) ? base : `${base}${path}`
}

/** Everything but the signature. Later ones win: protocol, provider, request, target. */
export function headersOf(
  { provider, target }: ResolvedTarget,
  protocolHeaders: Readonly<Record<string, string>> | undefined,
  requestHeaders: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ...protocolHeaders,
    ...provider.headers,
    ...requestHeaders,
  }
  if (target.organization !== undefined) headers['openai-organization'] = target.organization
  for (const [name, value] of Object.entries(target.headers ?? {})) {
    const key = name.toLowerCase()
    // Beta features add up; any other header is replaced.
    const known = headers[key]
    headers[key] = key === 'anthropic-beta' && known !== undefined ? `${known},${value}` : value
  }
  return headers
}

function finishBody(
  body: JsonObject,
  { target }: ResolvedTarget,
  surface: Surface<unknown>,
  rules: PrepareRules,
  url: string,
): JsonObject {
  const extended = rules.extraBody === undefined ? body : { ...body, ...rules.extraBody }
  const shaped = surface.body === undefined ? extended : surface.body(extended, target, url)
  return rules.additionalDropParams === undefined ? shaped : dropPaths(shaped, rules.additionalDropParams)
}

/** Adds the signature. The body is the text that will be sent. */
export async function signCall(
  call: Omit<PreparedCall<unknown>, 'body'>,
  body: string | Uint8Array,
  context: AuthContext,
): Promise<Record<string, string>> {
  const { provider, target } = call.resolved
  const signature = await provider.auth.authorize(
    { method: 'POST', url: call.url, headers: call.headers, body },
    { apiKey: target.apiKey, options: target.options ?? {} },
    context,
  )
  return { ...call.headers, ...signature }
}
