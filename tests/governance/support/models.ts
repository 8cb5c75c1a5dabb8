import type { ModelEntry } from '../../clients/support/models.ts'
import { entryAt } from '../../clients/support/models.ts'

/** The entry, with a price in USD for a token of its output and none for its input. */
export function priced(entry: ModelEntry, outputUsd: number): ModelEntry {
  return { ...entry, model_info: { input_cost_per_token: 0, output_cost_per_token: outputUsd } }
}

/** A model whose four words of output cost exactly $0.0004 and whose input costs nothing. */
export function exactModel(providerUrl: string, fault = 'ok'): ModelEntry {
  return priced(entryAt(providerUrl, 'exact', `openai/fault-${fault}`), 0.0001)
}

/** A request for it that names its bound, so that what is held is exactly what it costs. */
export const exactRequest: object = {
  model: 'exact',
  max_tokens: 4,
  messages: [{ role: 'user', content: 'hello there' }],
}

export const EXACT_PICO_USD = 400_000_000n
