import { formatUsd } from '@switchyard/llm/kit'
import type { IncomingHttpHeaders } from 'node:http'
import type { Services } from '../services.ts'
import { limitHeaders } from '../policy/limit-headers.ts'
import type { Charge } from './charge.ts'
import type { CacheReceipt, Exchange, Receipt } from './exchange.ts'
import { isPlainValue } from './fields.ts'

/** Headers of a provider that are not passed on: they belong to its connection, its clients or its host. */
const PRIVATE = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'content-encoding',
  'content-type',
  'date',
  'set-cookie',
  'trailer',
  'upgrade',
  'alt-svc',
  'strict-transport-security',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'www-authenticate',
  'proxy-authenticate',
  // Whose account this gateway calls with, and its keys where a server echoes them.
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'openai-organization',
  'openai-project',
  'anthropic-organization-id',
])

/** The most headers of a provider that are passed on, and the longest. */
const MAX_PROVIDER_HEADERS = 64
const MAX_VALUE_LENGTH = 4_096

/** Headers every answer carries, as name, value, name, value …: LiteLLM's names. */
export function baseHeaders(exchange: Exchange, services: Services): string[] {
  const { receipt } = exchange
  const headers = [
    'x-request-id',
    exchange.id,
    'x-litellm-call-id',
    exchange.id,
    'x-litellm-version',
    services.version,
    'x-litellm-attempted-retries',
    String(Math.max(0, receipt.attempts.length - 1 - (receipt.fallbacks ?? 0))),
    'x-litellm-attempted-fallbacks',
    String(receipt.fallbacks ?? 0),
  ]
  if (receipt.maxRetries !== undefined) headers.push('x-litellm-max-retries', String(receipt.maxRetries))
  if (receipt.auto !== undefined) headers.push('x-switchyard-auto-group', safeValue(receipt.auto.name))
  // Where Anthropic's clients look for the id.
  if (exchange.route.dialect === 'anthropic-messages') headers.push('request-id', exchange.id)
  const { deployment } = receipt
  if (deployment !== undefined) {
    headers.push(
      'x-litellm-model-id',
      deployment.id,
      'x-litellm-model-group',
      safeValue(receipt.group ?? receipt.model ?? deployment.group),
    )
    const { region_name: region } = deployment.config.target.options
    if (region !== undefined) headers.push('x-litellm-model-region', safeValue(region))
  }
  return headers
}

/** What is known once an answer is there. */
export function answerHeaders(
  exchange: Exchange,
  url: string,
  providerHeaders: IncomingHttpHeaders,
  services: Services,
): string[] {
  const headers = baseHeaders(exchange, services)
  const { receipt, charge } = exchange
  if (url !== '') headers.push('x-litellm-model-api-base', withoutQuery(url))
  const durationMs = services.monotonicMs() - exchange.startedMs
  headers.push(
    'x-litellm-response-duration-ms',
    decimals(durationMs),
    'x-litellm-overhead-duration-ms',
    decimals(Math.max(0, durationMs - receipt.upstreamMs)),
  )
  if (receipt.costPicoUsd !== undefined && !receipt.stream)
    headers.push('x-litellm-response-cost', formatUsd(receipt.costPicoUsd))
  const served = otherModel(receipt)
  if (served !== undefined) headers.push('x-switchyard-served-model', safeValue(served))
  if (receipt.cache !== undefined) headers.push(...headersOfCache(receipt.cache))
  if (charge !== undefined) headers.push(...headersOfLimits(charge, receipt, services))
  // Where the gateway has limits of its own, the provider's are not the client's.
  const hidesRates = charge !== undefined && charge.plan.lines.rates.length > 0
  let count = 0
  for (const name in providerHeaders) {
    const value = providerHeaders[name]
    if (typeof value !== 'string' || PRIVATE.has(name) || value.length > MAX_VALUE_LENGTH) continue
    if (count++ >= MAX_PROVIDER_HEADERS) break
    headers.push(`llm_provider-${name}`, safeValue(value))
    if (!hidesRates && name.startsWith('x-ratelimit-')) headers.push(name, safeValue(value))
  }
  return headers
}

/** To three places, as `toFixed(3)` writes it in three times the time. */
function decimals(ms: number): string {
  const micros = Math.round(ms * 1000)
  const rest = micros % 1000
  return `${(micros - rest) / 1000}.${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`
}

function headersOfLimits(
  { plan, admitted, boundTokens }: Charge,
  receipt: Receipt,
  services: Services,
): string[] {
  const costPicoUsd = receipt.stream ? undefined : receipt.costPicoUsd
  const headers = limitHeaders(plan, admitted, { nowMs: services.nowMs(), costPicoUsd })
  // The answer may end early, with `finish_reason: length`: this says why.
  if (boundTokens !== undefined)
    headers.push('x-switchyard-max-tokens', String(boundTokens), 'x-switchyard-max-tokens-reason', 'budget')
  return headers
}

function headersOfCache({ key, hit, similarity }: CacheReceipt): string[] {
  const headers = ['x-litellm-cache-key', key, 'x-litellm-cache-hit', String(hit)]
  if (similarity !== undefined) headers.push('x-litellm-semantic-similarity', similarity.toFixed(4))
  return headers
}

/** Addresses are told without what may be a key. */
export function withoutQuery(url: string): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}

/** The model that answered, where it is not the one that was asked for: it is the one that is paid for. */
function otherModel({ servedModel, deployment }: Receipt): string | undefined {
  const place = deployment?.place
  if (servedModel === undefined || place?.type !== 'provider') return undefined
  return servedModel === place.resolved.target.model ? undefined : servedModel
}

/** Our headers hold visible ASCII only; a value with anything else is percent-encoded. */
function safeValue(value: string): string {
  return isPlainValue(value) ? value : encodeURIComponent(value.toWellFormed())
}
