import type { JsonObject } from '../../types/json.ts'
import type { Usage } from '../../types/usage.ts'
import { countOf, objectOf } from '../wire.ts'

/**
 * Cohere reports what the model saw (`tokens`, its own prompt text included) and what it bills
 * (`billed_units`). The first is what counts, as LiteLLM has it; both stay in `raw`.
 */
export function parseUsage(raw: JsonObject | undefined): Usage | undefined {
  if (raw === undefined) return undefined
  const tokens = objectOf(raw['tokens'])
  const billed = objectOf(raw['billed_units'])
  const inputTokens = countOf(tokens?.['input_tokens']) ?? countOf(billed?.['input_tokens'])
  const outputTokens = countOf(tokens?.['output_tokens']) ?? countOf(billed?.['output_tokens'])
  if (inputTokens === undefined && outputTokens === undefined) return undefined
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    totalTokens: (inputTokens ?? 0) + (outputTokens ?? 0),
    cacheReadTokens: countOf(raw['cached_tokens']) ?? countOf(tokens?.['cached_tokens']),
    reasoningTokens: countOf(tokens?.['reasoning_tokens']),
    source: 'provider',
    raw,
  }
}
