import { defaultCatalog } from '../catalog/sdk.ts'
import { providers } from '../providers/index.ts'
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
  /** Variables one of which is to be set. */
  missing_keys: string[]
}

/** Whether the environment holds what a model's provider needs, and what is missing. */
export function validateEnvironment(
  model: string,
  question: ModelQuestion = {},
  env: Environment = processEnvironment,
): EnvironmentReport {
  const { provider } = findProvider(
    { model, customProvider: question.custom_llm_provider, apiBase: question.api_base },
    context,
  )
  const needed = provider.keyEnv ?? []
  const there =
    question.api_key !== undefined ||
    provider.keyOptional === true ||
    needed.length === 0 ||
    firstOf(needed, env) !== undefined
  const addressed =
    provider.baseUrl !== undefined ||
    question.api_base !== undefined ||
    firstOf(provider.baseUrlEnv, env) !== undefined
  const missing = [
    ...(there ? [] : needed.slice(0, 1)),
    ...(addressed ? [] : (provider.baseUrlEnv ?? []).slice(0, 1)),
  ]
  return { keys_in_environment: missing.length === 0, missing_keys: missing }
}
