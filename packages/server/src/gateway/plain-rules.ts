import type { JsonObject, PrepareRules } from '@switchyard/llm/kit'
import type { Deployment } from '../deployments/deployments.ts'
import type { LlmCall } from './call.ts'

/** How settings and fields of a call that is no conversation reach its provider. */
export function plainRulesOf({ options }: LlmCall, { config, dropParams }: Deployment): PrepareRules {
  return {
    dropParams: options.dropParams ?? dropParams,
    additionalDropParams: [...config.additionalDropParams, ...(options.additionalDropParams ?? [])],
    allowedParams: [...config.allowedOpenaiParams, ...(options.allowedParams ?? [])],
    extraBody: { ...(config.target.extraBody as JsonObject | undefined), ...options.extraBody },
  }
}
