import type { MessageLike } from '../state/coerce-message.ts'
import type { Message } from '../state/message.ts'
import { messageToPush } from '../state/messages.ts'
import type { BaseStore } from '../store/store.ts'
import { currentTask, surroundingTask } from './ambient.ts'
import type { TaskContext } from './context.ts'
import type { Runtime } from '../node/runtime.ts'

/** The task that asks; @throws when nobody runs. */
function taskFor(config: Runtime | undefined, asked: string): TaskContext {
  const task = surroundingTask(config)
  if (task === undefined) {
    throw new Error(
      `${asked}() was called outside of a graph's node, or where Node's AsyncLocalStorage is not available: pass it the node's config.`,
    )
  }
  return task
}

/** What the running node was given as its second argument; nothing outside of nodes. */
export function getConfig<Context = Record<string, unknown>>(): Runtime<Context> | undefined {
  return currentTask()?.runtime as Runtime<Context> | undefined
}

/** What the running node may use, as it is now and not to be changed. */
export function getRuntime<Context = Record<string, unknown>>(config?: Runtime): Runtime<Context> {
  const task = surroundingTask(config)
  if (task === undefined) throw new Error('getRuntime() called outside of an active graph execution.')
  return Object.freeze({ ...task.runtime }) as Runtime<Context>
}

/** The store that the graph was compiled or run with. */
export function getStore(config?: Runtime): BaseStore | undefined {
  return taskFor(config, 'getStore').host.settings.store
}

/** Puts chunks into the `custom` stream. */
export function getWriter(config?: Runtime): (chunk: unknown) => void {
  return taskFor(config, 'getWriter').runtime.writer
}

/** Puts a chunk into the `custom` stream. */
export function writer(chunk: unknown): void {
  getWriter()(chunk)
}

/** The input of the running node. */
export function getCurrentTaskInput<Input = unknown>(config?: Runtime): Input {
  return taskFor(config, 'getCurrentTaskInput').task.input as Input
}

/** What an entrypoint saved in its last call on the thread. */
export function getPreviousState<State = unknown>(config?: Runtime): State {
  return taskFor(config, 'getPreviousState').runtime.previous as State
}

/** Options of {@link pushMessage}. */
export interface PushMessageOptions {
  /** The key of the state that it is also written to, `messages` unless given; `null` for none. */
  readonly stateKey?: string | null | undefined
}

/**
 * Shows a message in the `messages` stream at once, and writes it to the state when the node is done.
 * @throws {Error} when it has no id
 */
export function pushMessage(
  message: MessageLike,
  options: (Partial<Runtime> & PushMessageOptions) | undefined = {},
): Message {
  const { stateKey = 'messages' } = options
  const task = taskFor(options as Runtime, 'pushMessage')
  const pushed = messageToPush(message)
  task.host.writeMessage(task, pushed)
  if (stateKey !== null) task.push(stateKey, pushed)
  return pushed
}

/** Shows a piece of a message, a token of a model, in the `messages` stream. Does nothing outside of nodes. */
export function streamMessage(
  chunk: unknown,
  metadata?: Readonly<Record<string, unknown>>,
  config?: Runtime,
): void {
  const task = surroundingTask(config)
  task?.host.writeMessage(task, chunk, metadata)
}

/** Shows what a tool does in the `tools` stream. Does nothing outside of nodes. */
export function streamToolEvent(data: unknown, config?: Runtime): void {
  const task = surroundingTask(config)
  task?.host.writeTool(task, data)
}
