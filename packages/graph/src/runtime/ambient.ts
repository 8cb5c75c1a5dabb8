import type { TaskContext } from './context.ts'

/** The part of Node's `AsyncLocalStorage` that is used. */
interface Storage {
  getStore(): unknown
  run<Argument, Result>(store: unknown, work: (argument: Argument) => Result, argument: Argument): Result
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
  run(store, work, argument) {
    const before = this.store
    this.store = store
    try {
      return work(argument)
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

/** Runs a task's work so that ambient lookups in it, and in what it awaits, find the task. */
export function runInTask<Result>(task: TaskContext, work: (task: TaskContext) => Result): Result {
  storage ??= open()
  return storage.run(task, work, task)
}

/** What LangChain finds in the storage while a task runs: the config that models are called with by default. */
export function langchainExtra(task: TaskContext): Record<symbol, unknown> {
  return { [LANGCHAIN_CONFIG]: task.runtime }
}

/** The task that the caller is part of. Never another run's: it is scoped by `run`, not stored. */
export function currentTask(): TaskContext | undefined {
  const store = storage?.getStore()
  if (typeof store !== 'object' || store === null) return undefined
  if ('isTaskContext' in store) return store as TaskContext
  const config = (store as { extra?: Record<symbol, unknown> }).extra?.[LANGCHAIN_CONFIG]
  return taskOf(config)
}

/** The task whose config it is. */
function taskOf(config: unknown): TaskContext | undefined {
  if (typeof config !== 'object' || config === null) return undefined
  const { configurable } = config as { configurable?: { [TASK_KEY]?: TaskContext } }
  return configurable?.[TASK_KEY]
}

/** The task that a call with this config is part of: the one it names, or the one around the caller. */
export function surroundingTask(config: unknown): TaskContext | undefined {
  return taskOf(config) ?? currentTask()
}
