/** What handlers are shown of a node's input and output, instead of the values themselves. */
export interface TracePolicy<Input = unknown, Output = unknown> {
  processInputs?(input: Input): unknown
  processOutputs?(output: Output): unknown
}

/** Shows nothing: for values that are too long, or nobody's business. */
export const omitPayload = (_payload?: unknown): Record<string, never> => ({})

/** What is shown of a value; the value itself where that fails, since handlers must not decide over runs. */
export function shown(policy: TracePolicy | undefined, process: keyof TracePolicy, value: unknown): unknown {
  if (policy?.[process] === undefined) return value
  try {
    return policy[process](value)
  } catch (error) {
    console.warn('A trace policy failed; handlers are shown the untransformed payload.', error)
    return value
  }
}
