import { createError } from '../errors.ts'
import type { SwitchyardError } from '../errors.ts'

/** For where a cost is asked for and no price of the model is known: a cost is never silently zero. */
export function unknownPrice(model: string): SwitchyardError {
  return createError({
    code: 'unknown_price',
    message:
      `no price is known for model '${model}'; register one with registerModel(), ` +
      `or set input_cost_per_token and output_cost_per_token in its model_info`,
    model,
  })
}
