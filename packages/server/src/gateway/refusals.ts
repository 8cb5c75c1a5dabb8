import { createError } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'

export function missingModel(): SwitchyardError {
  return createError({
    code: 'bad_request',
    reason: 'missing_required_parameter',
    message: "Missing required parameter: 'model'. Ask /v1/models for the models of this gateway.",
    param: 'model',
  })
}

/** LiteLLM's words and status, for whoever was given this name: it tells them nothing that they did not know. */
export function modelNotServed(model: string): SwitchyardError {
  return createError({
    code: 'bad_request',
    reason: 'model_not_found',
    message: `Invalid model name passed in model=${model.slice(0, 200)}. Nobody serves it; call \`/v1/models\` to view the models that your key may use.`,
    param: 'model',
  })
}

/** For a name that nobody serves. It lists nothing: other tenants' models are not for every caller. */
export function unknownModel(model: string): SwitchyardError {
  return createError({
    code: 'not_found',
    reason: 'model_not_found',
    message: `The model '${model.slice(0, 200)}' does not exist or you do not have access to it. Ask /v1/models for the models of this gateway.`,
    param: 'model',
  })
}
