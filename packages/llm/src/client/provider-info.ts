import { defaultCatalog } from '../catalog/sdk.ts'
import { providers } from '../providers/index.ts'
import type { Provider } from '../providers/provider.ts'
import { processEnvironment } from './environment.ts'
import type { Environment } from './environment.ts'
import { baseUrlOf, findProvider, firstOf, resolveTarget } from './resolve.ts'

export interface LlmProvider {
  /** The model's name without the provider. */
  model: string
  provider: string
  apiKey: string | undefined
  /** `undefined` where the service has no fixed address. */
  apiBase: string | undefined
}

interface ModelQuestion {
  custom_llm_provider?: string
  api_base?: string
  api_key?: string
}

const context = {
  registry: providers,
  env: processEnvironment,
  providerOfModel: (name: string): string | undefined => defaultCatalog.providerOfBareModel(name),
}

/**
 * Which provider a model string means, with its key and address as the environment gives them.
 *
 * @example getLlmProvider('groq/llama-3.3-70b-versatile').provider // 'groq'
 * @throws `unknown_provider` when nothing tells.
 */
export function getLlmProvider(model: string, question: ModelQuestion = {}): LlmProvider {
  const resolved = resolveTarget(
    {
      model,
      customProvider: question.custom_llm_provider,
      apiBase: question.api_base,
      apiKey: question.api_key,
    },
    context,
  )
  return {
    model: resolved.target.model,
    provider: resolved.provider.id,
    apiKey: resolved.target.apiKey,
    apiBase: addressOf(() => baseUrlOf(resolved, processEnvironment).base),
  }
}

function addressOf(read: () => string): string | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

export interface EnvironmentReport {
  keys_in_environment: boolean
  /** The variables to set: the usual ones, where there are several ways. */
  missing_keys: string[]
}

/**
 * Whether the environment holds what a model's provider needs, and what is missing. Files that a provider's own
 * tools keep (`~/.aws/credentials` …) serve calls too, but are not looked at here.
 *
 * @example validateEnvironment('bedrock/anthropic.claude-sonnet-4-5').missing_keys // ['AWS_ACCESS_KEY_ID', …]
 * @throws `unknown_provider` when nothing tells the provider.
 */
export function validateEnvironment(
  model: string,
  question: ModelQuestion = {},
  env: Environment = processEnvironment,
): EnvironmentReport {
  const { provider } = findProvider(
    { model, customProvider: question.custom_llm_provider, apiBase: question.api_base },
    context,
  )
  const missing = [
    ...(question.api_key === undefined ? missingKeys(provider, env) : []),
    ...(question.api_base === undefined ? missingAddress(provider, env) : []),
  ]
  return { keys_in_environment: missing.length === 0, missing_keys: missing }
}

function missingKeys({ auth, keyEnv = [], keyOptional }: Provider, env: Environment): string[] {
  if (keyOptional === true && auth.environment === undefined) return []
  const ways = [...keyEnv.map((name) => [name]), ...(auth.environment ?? [])]
  const unset = ways.map((names) => names.filter((name) => firstOf([name], env) === undefined))
  return unset.some((names) => names.length === 0) ? [] : (unset[0] ?? [])
}

/** What the address is made of and nobody gives; a variable for the whole address serves as well. */
function missingAddress({ baseUrl, baseUrlEnv, addressParts }: Provider, env: Environment): string[] {
  if (firstOf(baseUrlEnv, env) !== undefined) return []
  const open = Object.values(addressParts ?? {}).filter(
    (source) => source.fallback === undefined && firstOf(source.env, env) === undefined,
  )
  if (baseUrl !== undefined && open.length === 0) return []
  return baseUrlEnv?.slice(0, 1) ?? open.flatMap((source) => source.env?.slice(0, 1) ?? [])
}
