/** Something that LangChain tells what happens: a tracer, a logger. */
export type Handler = Readonly<Record<string | symbol, unknown>>

type Call = (...args: unknown[]) => unknown

/**
 * Where each kind of call says which run the one it tells of is part of; undefined for one that does not. LangChain asks
 * its tracers to note a run before it tells them of it. Custom events name no run around them.
 */
function parentPosition(method: string): number | undefined {
  if (/^_?createRunFor\w+Start$/.test(method)) return 3
  if (!method.startsWith('handle') || method === 'handleCustomEvent') return undefined
  return method.endsWith('Start') || method === 'handleLLMNewToken' ? 3 : 2
}

/** A handler for what happens inside of a run: whoever is handed it need not know which run that is. */
export function within(handler: Handler, runId: string | (() => string)): Handler {
  return new Proxy(handler, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target)
      const position =
        typeof key === 'string' && typeof value === 'function' ? parentPosition(key) : undefined
      if (position === undefined) return value
      return (...args: unknown[]): unknown => {
        args[position] ??= typeof runId === 'string' ? runId : runId()
        return (value as Call).apply(target, args)
      }
    },
  })
}

/** Handlers of a list, or of one of LangChain's managers. @param inherited leaves out what is for the outermost run only */
export function handlersOf(callbacks: unknown, inherited: boolean): readonly Handler[] {
  if (Array.isArray(callbacks)) return callbacks as readonly Handler[]
  if (typeof callbacks !== 'object' || callbacks === null) return []
  const manager = callbacks as {
    readonly handlers?: readonly Handler[]
    readonly inheritableHandlers?: readonly Handler[]
    readonly getParentRunId?: () => string | undefined
  }
  const handlers = (inherited ? manager.inheritableHandlers : manager.handlers) ?? []
  const runId = manager.getParentRunId?.()
  return runId === undefined ? handlers : handlers.map((handler) => within(handler, runId))
}

/**
 * Tells a handler something. What it throws is only said, unless it asks for more by `raiseError`.
 * @returns a promise where the handler takes its time
 */
export function tell(handler: Handler, method: string, args: readonly unknown[]): Promise<void> | undefined {
  const call = handler[method]
  if (typeof call !== 'function') return undefined
  const failed = (error: unknown): void => {
    const name = String((handler as { name?: unknown }).name ?? 'handler')
    const say = handler['raiseError'] === true ? console.error : console.warn
    say(`Error in handler ${name}, ${method}: ${String(error)}`)
    if (handler['raiseError'] === true) throw error
  }
  try {
    const result: unknown = (call as Call).apply(handler, [...args])
    return result instanceof Promise ? result.then(() => undefined, failed) : undefined
  } catch (error) {
    failed(error)
    return undefined
  }
}
