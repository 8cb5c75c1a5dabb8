import { picoUsdFromUsd } from '@switchyard/llm/kit'
import { isPlainObject } from '../document/tree.ts'
import type { Plain, PlainObject } from '../document/tree.ts'
import type { DeploymentConfig, DeploymentTarget, RoutingBudget } from '../gateway-config.ts'
import { isCloudOption, isPriceKey } from '../schema/key-kinds.ts'
import { litellmParamsKeys } from '../schema/model-list.ts'
import type { CredentialEntry, LitellmParams, ModelEntry, ModelInfo } from '../schema/model-list.ts'
import { inspectRedacted, printRedacted } from '../secrets/redact.ts'
import { Secret } from '../secrets/secret.ts'

const settingNames = new Set([...litellmParamsKeys.active, ...litellmParamsKeys.accepted])

type Credential = CredentialEntry['credential_values']

/** One checked entry of `model_list` in the gateway's own form. */
export function buildDeployment(
  entry: ModelEntry,
  id: string,
  credential: Credential | undefined,
  defaults: Readonly<Record<string, unknown>> = {},
): DeploymentConfig {
  const params = { ...defaults, ...withCredential(withoutNulls(entry.litellm_params), credential) }
  const info = entry.model_info ?? {}
  return {
    id,
    modelGroup: entry.model_name,
    model: params.model,
    target: buildTarget(params),
    params: pick(params, (key) => !settingNames.has(key) && !isPriceKey(key) && !isCloudOption(key)),
    timeouts: {
      timeoutMs: toMs(params.timeout),
      streamTimeoutMs: toMs(params.stream_timeout),
      firstTokenMs: toMs(params.ttft_timeout),
      streamIdleMs: toMs(params.stream_idle_timeout),
    },
    rates: buildRates(params, info),
    modelInfo: pick(info, (key) => key !== 'id' && !isPriceKey(key)),
    baseModel: info.base_model ?? params.base_model ?? undefined,
    weight: params.weight ?? entry.weight ?? undefined,
    rpm: params.rpm ?? entry.rpm ?? undefined,
    tpm: params.tpm ?? entry.tpm ?? undefined,
    order: params.order ?? entry.order ?? undefined,
    tags: params.tags ?? [],
    tagPatterns: params.tag_regex ?? [],
    cooldownMs: milliseconds(params.cooldown_time ?? info.cooldown_time),
    allowedFails: info.allowed_fails ?? undefined,
    allowedFailsPolicy: info.allowed_fails_policy ?? undefined,
    maxParallelRequests: params.max_parallel_requests ?? undefined,
    budget: budgetOf(params),
    numRetries: params.num_retries ?? params.max_retries ?? undefined,
    silentModels: params.silent_model ?? [],
    dropParams: params.drop_params ?? undefined,
    additionalDropParams: params.additional_drop_params ?? [],
    allowedOpenaiParams: params.allowed_openai_params ?? [],
    cachePoints: toPlain(params.cache_control_injection_points),
    mockResponse: toPlain(params.mock_response),
  }
}

/** What the credential holds, where the deployment does not say otherwise. */
function withCredential(params: LitellmParams, credential: Credential | undefined): LitellmParams {
  return credential === undefined ? params : { ...credential, ...withoutNulls(params) }
}

function withoutNulls(params: LitellmParams): LitellmParams {
  const set = Object.entries(params).filter(([, value]) => value != null)
  return { model: params.model, ...Object.fromEntries(set) }
}

function buildTarget(params: LitellmParams): DeploymentTarget {
  const clouds = Object.entries(params).filter(([key, value]) => isCloudOption(key) && value != null)
  const options = Object.fromEntries(clouds.map(([key, value]) => [key, asText(value)]))
  return {
    apiKey: params.api_key ? new Secret(params.api_key) : undefined,
    apiBase: params.api_base || params.base_url || undefined,
    apiVersion: params.api_version || undefined,
    organization: params.organization || undefined,
    customProvider: params.custom_llm_provider || undefined,
    options: printRedacted(options, 'options'),
    headers: printRedacted({ ...params.headers, ...params.extra_headers }, 'headers'),
    extraBody: params.extra_body == null ? undefined : pick(params.extra_body, () => true),
  }
}

function budgetOf({ max_budget: usd, budget_duration: duration }: LitellmParams): RoutingBudget | undefined {
  if (usd == null) return undefined
  return { maxPicoUsd: picoUsdFromUsd(usd), duration: duration ?? undefined }
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Prices of `litellm_params` win over those of `model_info`. */
function buildRates(params: LitellmParams, info: ModelInfo): PlainObject | undefined {
  const prices = { ...pick(info, isPriceKey), ...pick(params, isPriceKey) }
  const numbers = Object.entries(prices).map(([key, price]): [string, Plain] => [
    key,
    typeof price === 'string' ? Number(price) : price,
  ])
  const set = numbers.filter(([, price]) => price !== null)
  return set.length === 0 ? undefined : Object.fromEntries(set)
}

function pick(record: Readonly<Record<string, unknown>>, wanted: (key: string) => boolean): PlainObject {
  const result: PlainObject = {}
  for (const [key, value] of Object.entries(record)) {
    const plain = toPlain(value)
    if (plain !== undefined && wanted(key)) result[key] = plain
  }
  return inspectRedacted(result, '')
}

/** Everything in a checked file is plain; this only tells the types so. */
function toPlain(value: unknown): Plain | undefined {
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return undefined
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  if (Array.isArray(value)) return value.map((item) => toPlain(item) ?? null)
  if (!isPlainObject(value)) return undefined
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, toPlain(child) ?? null]))
}

/** 0 is a time, too. */
function milliseconds(seconds: number | null | undefined): number | undefined {
  return seconds == null ? undefined : Math.round(seconds * 1000)
}

function toMs(seconds: number | null | undefined): number | undefined {
  return seconds == null ? undefined : Math.max(1, Math.round(seconds * 1000))
}
