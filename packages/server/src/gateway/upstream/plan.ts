import { chatSurfaceOf, failureOfCredentials, markCachePoints, prepareChat } from '@switchyard/llm/kit'
import type {
  ChatProtocol,
  JsonObject,
  ParseContext,
  PrepareRules,
  ResolvedTarget,
} from '@switchyard/llm/kit'
import type { Deployment } from '../../deployments/deployments.ts'
import { signedHeaders } from '../../deployments/sign.ts'
import type { UpstreamRequest } from '../../deployments/upstream.ts'
import { insertion, splice } from '../../http/splice.ts'
import type { Span } from '../../http/scan-json.ts'
import type { Edit } from '../../http/splice.ts'
import type { Services } from '../../services.ts'
import type { LlmCall } from '../call.ts'
import { isOwnMetadata } from '../fields.ts'
import type { RelayTemplate } from './relay-template.ts'
import { addressOf, relayTemplate } from './relay-template.ts'

/** How a call goes to a provider and how its answer is to be read. */
export type UpstreamPlan = RelayPlan | TranslatePlan

interface BasePlan {
  request: UpstreamRequest
  protocol: ChatProtocol
  parse: ParseContext
  resolved: ResolvedTarget
  url: string
}

/** Client and provider speak the same format: bytes pass, only the model's name is changed. */
export interface RelayPlan extends BasePlan {
  mode: 'relay'
  /** We asked for usage in the stream and the client did not: it must not see it. */
  hidesUsage: boolean
}

/** The call is written anew in the provider's format, and its answer in the client's. */
export interface TranslatePlan extends BasePlan {
  mode: 'translate'
}

type ChatOperation = 'chat' | 'completions' | 'responses' | 'messages'

export function planCall(
  call: LlmCall,
  deployment: Deployment,
  resolved: ResolvedTarget,
  services: Services,
  waits: { firstByteMs: number; idleMs: number },
): UpstreamPlan | Promise<UpstreamPlan> {
  const operation = call.route.operation as ChatOperation
  const context = { env: services.auth.env, newId: services.newId }
  const template = relayTemplate(deployment, operation, call.dialect.id, context)
  if (template !== undefined && canRelay(call, template))
    return planRelay(call, template, chatSurfaceOf(resolved, operation).protocol, services, waits)
  return planTranslation(call, deployment, resolved, operation, services, waits)
}

function canRelay(call: LlmCall, template: RelayTemplate): boolean {
  const { scan, options } = call
  if (options.hasOwnFields || call.continuation !== undefined) return false
  for (const blocker of template.blockers) if (scan.has(blocker)) return false
  if (call.boundTokens !== undefined && template.boundField === undefined) return false
  return !scan.has('metadata') || !isOwnMetadata(call.route.dialect, scan.boolean('store') === true)
}

function planRelay(
  call: LlmCall,
  template: RelayTemplate,
  protocol: ChatProtocol,
  services: Services,
  waits: { firstByteMs: number; idleMs: number },
): RelayPlan | Promise<RelayPlan> {
  const { resolved, parse } = template
  const hidesUsage = call.stream && template.asksForUsage && !call.wantsUsage
  const body = relayBody(call, template, hidesUsage)
  const address = call.stream ? template.stream : template.whole
  const finish = (headers: Readonly<Record<string, string>>): RelayPlan => ({
    mode: 'relay',
    request: { origin: address.origin, path: address.path, headers, body, ...waits },
    protocol,
    parse,
    resolved,
    url: address.url,
    hidesUsage,
  })
  if (template.signedHeaders !== undefined && call.clientHeaders === undefined)
    return finish(template.signedHeaders)
  const headers = withClientHeaders(template.headers, call)
  const place = { provider: parse.provider, model: parse.model }
  try {
    const { apiKey, options } = resolved.target
    const signature = resolved.provider.auth.authorize(
      { method: 'POST', url: address.url, headers, body },
      { apiKey, options: options ?? {} },
      services.auth,
    )
    if (!(signature instanceof Promise)) {
      const signed = { ...headers, ...signature }
      if (resolved.provider.auth.constant === true && call.clientHeaders === undefined)
        template.signedHeaders = signed
      return finish(signed)
    }
    return signature.then(
      (signed) => finish({ ...headers, ...signed }),
      (error: unknown) => {
        throw failureOfCredentials(error, resolved.provider, place)
      },
    )
  } catch (error) {
    throw failureOfCredentials(error, resolved.provider, place)
  }
}

/** The client's body with the provider's name of the model, and with usage asked for. */
function relayBody(call: LlmCall, template: RelayTemplate, hidesUsage: boolean): Buffer {
  const { scan, body } = call
  const edits: Edit[] = []
  const model = scan.span('model')
  // Where the name is the same, the body goes out as it came in.
  if (model !== undefined && !isText(body, model, template.modelJson))
    edits.push({ span: model, text: template.modelJson })
  const added: Record<string, string> = {}
  if (call.boundTokens !== undefined && template.boundField !== undefined)
    added[template.boundField] = String(call.boundTokens)
  if (hidesUsage) {
    const options = scan.span('stream_options')
    if (options === undefined) added.stream_options = '{"include_usage":true}'
    else {
      const given = scan.json('stream_options') as JsonObject | null
      edits.push({ span: options, text: JSON.stringify({ ...given, include_usage: true }) })
    }
  }
  if (Object.keys(added).length > 0) edits.push(insertion(scan, added))
  return edits.length === 0 ? body : splice(body, edits)
}

/** Whether this text stands there; `false` of any text that is not ASCII. */
function isText(body: Buffer, { start, end }: Span, text: string): boolean {
  if (end - start !== text.length) return false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > 0x7f || body[start + at] !== code) return false
  }
  return true
}

/** Anthropic's clients choose a version and beta features by headers: these pass as they are. */
function withClientHeaders(headers: Record<string, string>, call: LlmCall): Record<string, string> {
  const { clientHeaders } = call
  if (clientHeaders === undefined) return headers
  const merged = { ...headers }
  for (const [name, value] of Object.entries(clientHeaders)) {
    const known = merged[name]
    merged[name] = name === 'anthropic-beta' && known !== undefined ? joinWords(known, value) : value
  }
  return merged
}

function joinWords(left: string, right: string): string {
  return [...new Set([...left.split(','), ...right.split(',')].map((word) => word.trim()))].join(',')
}

async function planTranslation(
  call: LlmCall,
  deployment: Deployment,
  resolved: ResolvedTarget,
  operation: ChatOperation,
  services: Services,
  waits: { firstByteMs: number; idleMs: number },
): Promise<TranslatePlan> {
  const surface = chatSurfaceOf(resolved, operation)
  const { config } = deployment
  const { options } = call
  const maxOutputTokens = deployment.info()?.maxOutputTokens
  const rules: PrepareRules = {
    // A format's usual settings must not stand in the way of reaching a provider of another format.
    dropParams: options.dropParams ?? (deployment.dropParams || call.dialect.id === 'anthropic-messages'),
    additionalDropParams: [...config.additionalDropParams, ...(options.additionalDropParams ?? [])],
    allowedParams: [...config.allowedOpenaiParams, ...(options.allowedParams ?? [])],
    extraBody: { ...(config.target.extraBody as JsonObject | undefined), ...options.extraBody },
  }
  const prepared = prepareChat(resolved, surface, withDefaults(call, deployment), rules, {
    env: services.auth.env,
    newId: services.newId,
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  })
  const ours =
    surface.protocol.id === call.dialect.id ? withClientHeaders(prepared.headers, call) : prepared.headers
  prepared.headers = { ...ours, ...options.extraHeaders }
  const body = JSON.stringify(prepared.body)
  const headers = await signedHeaders(prepared, body, services.auth)
  const { origin, path } = addressOf(prepared.url)
  return {
    mode: 'translate',
    request: { origin, path, headers, body, ...waits },
    protocol: surface.protocol,
    parse: prepared.parse,
    resolved,
    url: prepared.url,
  }
}

/** The request with the deployment's default parameters where the client gave none, and no longer than is paid for. */
function withDefaults(call: LlmCall, deployment: Deployment): ReturnType<LlmCall['chatRequest']> {
  const { params } = deployment.config
  const request =
    Object.keys(params).length === 0
      ? call.chatRequest()
      : call.dialect.parseRequest({ ...(params as JsonObject), ...call.parsedBody() })
  const marked = markCachePoints(request, deployment.cachePoints)
  const { boundTokens = Number.POSITIVE_INFINITY } = call
  return boundTokens < (marked.maxTokens ?? Number.POSITIVE_INFINITY)
    ? { ...marked, maxTokens: boundTokens }
    : marked
}
