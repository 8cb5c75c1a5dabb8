import type { TaskContext } from './context.ts'

/** The part of Node's `AsyncLocalStorage` that is used. */
interface Storage {
  getStore(): unknown
  run<Result>(store: unknown, work: () => Result): Result
}

/** Where LangChain looks for the config of the caller. */
const LANGCHAIN_STORAGE = Symbol.for('ls:tracing_async_local_storage')
const LANGCHAIN_CONFIG = Symbol.for('lc:child_config')
/** The key of `configurable` that holds the task whose config it is. */
export const TASK_KEY: unique symbol = Symbol.for('switchyard.task') as never

/** Where there is no storage that follows promises, the task of the synchronous part is known. */
const synchronous: Storage & { store: unknown } = {
  store: undefined,
  getStore() {
    return this.store
  },
  run(store, work) {
    const before = this.store
    this.store = store
    try {
      return work()
    } finally {
      this.store = before
    }
  },
}

let storage: Storage | undefined

/** Node's storage, found without an import so that the same file runs where there is none. */
function open(): Storage {
  const known = (globalThis as { [LANGCHAIN_STORAGE]?: Storage })[LANGCHAIN_STORAGE]
  if (known !== undefined) return known
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }
  const hooks = process?.getBuiltinModule?.('node:async_hooks') as
    | { AsyncLocalStorage: new () => Storage }
    | undefined
  if (hooks === undefined) return synchronous
  // Shared with LangChain, so that a model called in a node without a config finds that of the node.
  const opened = new hooks.AsyncLocalStorage()
  ;(globalThis as { [LANGCHAIN_STORAGE]?: Storage })[LANGCHAIN_STORAGE] = opened
  return opened
}

/** What is in the storage while a task runs; LangChain reads `extra`. */
class Scope {
  readonly task: TaskContext

  constructor(task: TaskContext) {
    this.task = task
  }

  get extra(): Record<symbol, unknown> {
    return { [LANGCHAIN_CONFIG]: this.task.runtime }
  }
}

/** Runs a task's work so that ambient lookups in it, and in what it awaits, find the task. */
export function runInTask<Result>(task: TaskContext, work: () => Result): Result {
  storage ??= open()
  return storage.run(new Scope(task), work)
}

/** The task that the caller is part of. Never another run's: it is scoped by `run`, not stored. */
export function currentTask(): TaskContext | undefined {
  const store = storage?.getStore()
  if (typeof store !== 'object' || store === null) return undefined
  if ('task' in store) return (store as Scope).task
  const config = (store as { extra?: Record<symbol, unknown> }).extra?.[LANGCHAIN_CONFIG]
  return taskOf(config)
}

/** The task whose config it is. */
export function taskOf(config: unknown): TaskContext | undefined {
  if (typeof config !== 'object' || config === null) return undefined
  const { configurable } = config as { configurable?: { [TASK_KEY]?: TaskContext } }
  return configurable?.[TASK_KEY]
}
