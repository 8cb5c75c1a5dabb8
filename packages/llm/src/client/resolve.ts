import { createError } from '../errors.ts'
import type { Provider } from '../providers/provider.ts'
import type { ProviderRegistry } from '../providers/registry.ts'
import type { Target } from '../types/provider.ts'
import type { Environment } from './environment.ts'

/** What a caller says about where a call should go. */
export interface TargetOptions {
  /** LiteLLM's model string: `provider/model`, or a bare name that the catalogue knows. */
  model: string
  /** Names the provider outright; the model string is then the model. */
  customProvider?: string | undefined
  apiKey?: string | undefined
  apiBase?: string | undefined
  apiVersion?: string | undefined
  organization?: string | undefined
  headers?: Readonly<Record<string, string>> | undefined
  options?: Readonly<Record<string, string | undefined>> | undefined
}

export interface ResolvedTarget {
  provider: Provider
  target: Target
}

export interface ResolveContext {
  registry: ProviderRegistry
  env: Environment
  /** The provider of a bare model name, by the catalogue. */
  providerOfModel: (model: string) => string | undefined
}

/**
 * Finds the provider of a model string and completes the target from the environment. LiteLLM's order:
 * a provider named outright, a known host in `apiBase`, the prefix before the first slash, the catalogue.
 *
 * @throws `unknown_provider` when nothing tells the provider.
 */
export function resolveTarget(options: TargetOptions, context: ResolveContext): ResolvedTarget {
  const { provider, model } = findProvider(options, context)
  const { env } = context
  return {
    provider,
    target: {
      provider: provider.id,
      model,
      apiKey: options.apiKey ?? firstOf(provider.keyEnv, env),
      apiBase: options.apiBase ?? firstOf(provider.baseUrlEnv, env),
      apiVersion: options.apiVersion ?? versionFromEnvironment(provider, env),
      organization: options.organization ?? firstOf(provider.organizationEnv, env),
      headers: options.headers,
      options: { ...optionsFromEnvironment(provider, env), ...options.options },
    },
  }
}

/** Which provider a model string means, and the model's name without the provider. */
export function findProvider(
  options: Pick<TargetOptions, 'model' | 'customProvider' | 'apiBase'>,
  context: Omit<ResolveContext, 'env'>,
): { provider: Provider; model: string } {
  const { registry } = context
  const { model, customProvider, apiBase } = options
  const slash = model.indexOf('/')
  const prefix = slash < 0 ? undefined : model.slice(0, slash)
  const byPrefix = prefix === undefined ? undefined : registry.get(prefix)
  if (customProvider !== undefined) {
    const provider = registry.get(customProvider)
    if (provider === undefined)
      throw unknown(`custom_llm_provider '${customProvider}' is not a provider we know`)
    return { provider, model: byPrefix === provider ? model.slice(slash + 1) : model }
  }
  const byHost = apiBase === undefined ? undefined : registry.byUrl(apiBase)
  if (byHost !== undefined && (byPrefix === undefined || byPrefix === byHost))
    return { provider: byHost, model: byPrefix === byHost ? model.slice(slash + 1) : model }
  if (byPrefix !== undefined) return { provider: byPrefix, model: model.slice(slash + 1) }
  const known = context.providerOfModel(model)
  const provider = known === undefined ? undefined : registry.get(known)
  if (provider !== undefined) return { provider, model }
  throw unknown(
    `no provider is known for model '${model}'. Write it as 'provider/model', for example 'openai/${model}', or name custom_llm_provider`,
  )
}

function unknown(message: string): Error {
  return createError({ code: 'unknown_provider', message, param: 'model' })
}

export function firstOf(names: readonly string[] | undefined, env: Environment): string | undefined {
  for (const name of names ?? []) {
    const value = env(name)
    if (value !== undefined && value !== '') return value
  }
  return undefined
}

function optionsFromEnvironment({ optionEnv = {} }: Provider, env: Environment): Record<string, string> {
  const options: Record<string, string> = {}
  for (const [option, names] of Object.entries(optionEnv)) {
    const value = firstOf(names, env)
    if (value !== undefined) options[option] = value
  }
  return options
}

/** Services with dated versions name the variable after themselves: `AZURE_API_VERSION`. */
function versionFromEnvironment(provider: Provider, env: Environment): string | undefined {
  const base = provider.baseUrlEnv?.find((name) => name.endsWith('_API_BASE'))
  return base === undefined ? undefined : env(base.replace(/_API_BASE$/, '_API_VERSION'))
}

/**
 * The address calls of a target go to, without a trailing slash.
 *
 * @throws `bad_request` when the provider needs an address or a setting that is not there.
 */
export function baseUrlOf(
  { provider, target }: ResolvedTarget,
  env: Environment,
): { base: string; custom: boolean } {
  if (target.apiBase !== undefined) return { base: target.apiBase.replace(/\/+$/, ''), custom: true }
  if (provider.baseUrl === undefined)
    throw createError({
      code: 'bad_request',
      message: `${provider.name} has no fixed address: set api_base${variables(provider.baseUrlEnv)}`,
      provider: provider.id,
      param: 'api_base',
    })
  const base = provider.baseUrl.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const source = provider.addressParts?.[name]
    const value = target.options?.[source?.option ?? name] ?? firstOf(source?.env, env) ?? source?.fallback
    if (value === undefined)
      throw createError({
        code: 'bad_request',
        message: `${provider.name} needs '${source?.option ?? name}' or api_base${variables(source?.env)}`,
        provider: provider.id,
        param: source?.option ?? name,
      })
    return encodeURIComponent(value)
  })
  return { base, custom: false }
}

function variables(names: readonly string[] | undefined): string {
  return names === undefined || names.length === 0 ? '' : ` (or the variable ${names.join(' or ')})`
}
