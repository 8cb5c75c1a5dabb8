/** Anything with `invoke`: a compiled graph, a LangChain runnable, a tool. */
export interface Invocable {
  invoke(input: never, config?: never): unknown
}

/** Whether a value can be invoked. */
export function isInvocable(value: unknown): value is Invocable {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    typeof (value as { invoke?: unknown }).invoke === 'function'
  )
}

/** What a node or a condition does, as a function. */
export type Work = (input: unknown, runtime: never) => unknown

/** @throws {TypeError} when the value is neither a function nor invocable */
export function toWork(action: unknown): Work {
  if (isInvocable(action)) {
    return (input, runtime) => action.invoke(input as never, runtime)
  }
  if (typeof action === 'function') return action as Work
  if (typeof action === 'object' && action !== null && !Array.isArray(action)) return branches(action)
  throw new TypeError('Expected a function, a graph, or an object with an "invoke" method.')
}

/** An object of actions runs them all on the same input, as LangChain's maps do. */
function branches(actions: object): Work {
  const works = Object.entries(actions).map(([key, action]) => [key, toWork(action)] as const)
  return async (input, runtime) =>
    Object.fromEntries(await Promise.all(works.map(async ([key, work]) => [key, await work(input, runtime)])))
}

/** The name under which conditions are told apart. */
export function nameOfAction(action: unknown): string {
  const named = action as { getName?: unknown; name?: unknown }
  const name = typeof named.getName === 'function' ? (named.getName as () => string).call(action) : named.name
  return typeof name === 'string' && name !== '' && name !== 'RunnableLambda' ? name : 'condition'
}
