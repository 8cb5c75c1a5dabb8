import { chatSurfaceOf, prepareChat } from '@switchyard/llm/kit'
import type { JsonObject, ParseContext, Quirks, ResolvedTarget } from '@switchyard/llm/kit'
import type { Deployment } from '../../deployments/deployments.ts'
import type { LlmOperation, PlainOperation } from '../routes/routes.ts'

/**
 * All that a relayed call needs and that does not change from call to call: where it goes, with which
 * headers, and which fields of a body would have to be written anew.
 */
export interface RelayTemplate {
  resolved: ResolvedTarget
  /** JSON text of the model's name on the wire. */
  modelJson: string
  whole: Address
  stream: Address
  headers: Record<string, string>
  /** The headers with a signature that is the same for every call, once one has been made. */
  signedHeaders: Readonly<Record<string, string>> | undefined
  parse: ParseContext
  /** Fields that this service wants in another form; a body with one of them is translated instead. */
  blockers: ReadonlySet<string>
  /** The field that bounds the answer, for bounds that the client did not set; `undefined` where it lies deeper. */
  boundField: string | undefined
  /** Usage has to be asked for in streams (`stream_options`). */
  asksForUsage: boolean
}

export interface Address {
  url: string
  origin: string
  path: string
}

const templates = new WeakMap<Deployment, Map<string, RelayTemplate | undefined>>()

/** The template of a deployment for calls in a client's format; `undefined` where bytes cannot pass unchanged. */
export function relayTemplate(
  deployment: Deployment,
  operation: Exclude<LlmOperation, PlainOperation | 'generate-content'>,
  dialect: string,
  context: { env: (name: string) => string | undefined; newId: () => string },
): RelayTemplate | undefined {
  let known = templates.get(deployment)
  if (known === undefined) templates.set(deployment, (known = new Map()))
  if (!known.has(operation)) known.set(operation, createTemplate(deployment, operation, dialect, context))
  return known.get(operation)
}

function createTemplate(
  deployment: Deployment,
  operation: Exclude<LlmOperation, PlainOperation | 'generate-content'>,
  dialect: string,
  context: { env: (name: string) => string | undefined; newId: () => string },
): RelayTemplate | undefined {
  const { place, config } = deployment
  if (place.type !== 'provider') return undefined
  if (Object.keys(config.params).length > 0 || config.target.extraBody !== undefined) return undefined
  if (config.additionalDropParams.length > 0 || deployment.cachePoints.length > 0) return undefined
  const surface = chatSurfaceOf(place.resolved, operation)
  if (surface.protocol.id !== dialect || surface.protocol.framing !== 'sse' || surface.body !== undefined)
    return undefined
  const blockers = relayBlockers(place.quirks)
  if (blockers === undefined) return undefined
  const prepare = (stream: boolean, maxTokens?: number): ReturnType<typeof prepareChat> =>
    prepareChat(
      place.resolved,
      surface,
      { model: '', messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }], stream, maxTokens },
      { dropParams: true },
      context,
    )
  const whole = prepare(false)
  return {
    resolved: place.resolved,
    modelJson: JSON.stringify(whole.body.model ?? place.resolved.target.model),
    whole: addressOf(whole.url),
    stream: addressOf(prepare(true).url),
    headers: whole.headers,
    signedHeaders: undefined,
    parse: whole.parse,
    blockers,
    boundField: fieldWith(prepare(false, SOME_BOUND).body, SOME_BOUND),
    asksForUsage:
      (dialect === 'openai-chat' || dialect === 'openai-completions') &&
      place.quirks.streamUsage !== 'unasked',
  }
}

/** Large enough not to be anything else, and to be taken as it is. */
const SOME_BOUND = 4_321

/** What the renderer calls the bound: it knows the format, the service and the model. */
function fieldWith(body: JsonObject, value: number): string | undefined {
  return Object.keys(body).find((key) => body[key] === value)
}

export function addressOf(url: string): Address {
  const { origin, pathname, search } = new URL(url)
  return { url, origin, path: pathname + search }
}

/** The fields that a service wants in another form than the client's; `undefined` where every body or answer has to be rewritten. */
function relayBlockers(quirks: Quirks): ReadonlySet<string> | undefined {
  if (
    quirks.answers === 'deviant' ||
    quirks.flattenContent === true ||
    quirks.shortToolCallIds === true ||
    quirks.alternatingRoles === true ||
    quirks.systemRole === 'user' ||
    quirks.thinkTags !== undefined ||
    quirks.extraBody !== undefined
  )
    return undefined
  const blockers = new Set<string>(quirks.unsupported)
  if (quirks.maxTokensField === 'max_completion_tokens') blockers.add('max_tokens')
  if (quirks.maxTokensField === 'max_tokens') blockers.add('max_completion_tokens')
  if (quirks.toolChoiceRequired !== undefined) blockers.add('tool_choice')
  if (quirks.seedField === 'random_seed') blockers.add('seed')
  if (quirks.jsonSchema === 'json-object') blockers.add('response_format')
  if (quirks.reasoningRequest !== undefined) blockers.add('reasoning_effort').add('thinking')
  if (quirks.streamUsage === 'unasked') blockers.add('stream_options')
  if (quirks.temperatureOrTopP === true) blockers.add('top_p')
  return blockers
}
