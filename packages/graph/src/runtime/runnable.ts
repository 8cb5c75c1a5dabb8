/** A step of LangChain's chains, or a graph. */
export interface Runnable {
  readonly lc_runnable: true
  invoke(input: unknown, config?: unknown): unknown
}

/** Whether a value is one. */
export function isRunnable(value: unknown): value is Runnable {
  if (typeof value !== 'object' || value === null) return false
  const { lc_runnable: marked, invoke } = value as Partial<Runnable>
  return marked === true && typeof invoke === 'function'
}
