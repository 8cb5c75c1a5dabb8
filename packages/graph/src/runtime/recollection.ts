import type { PendingWrite } from '../checkpoint/checkpointer.ts'
import { ERROR, ERROR_SOURCE_NODE, INTERRUPT, NULL_TASK_ID, RESUME } from '../constants.ts'
import type { Task, Write } from './task.ts'

/** Writes that do not say that their task is done. */
const UNFINISHED: ReadonlySet<string> = new Set([ERROR, ERROR_SOURCE_NODE, INTERRUPT, RESUME])

/** What an earlier run left of the superstep that is continued, by task. */
export class Recollection {
  readonly writes: readonly PendingWrite[]
  readonly #byTask: ReadonlyMap<string, readonly PendingWrite[]>

  constructor(writes: readonly PendingWrite[]) {
    this.writes = writes
    this.#byTask = Map.groupBy(writes, ({ taskId }) => taskId)
  }

  /** Writes that belong to no task: what a command brought. */
  get early(): Write[] {
    return (this.#byTask.get(NULL_TASK_ID) ?? [])
      .filter(({ channel }) => channel !== RESUME)
      .map(({ channel, value }) => [channel, value])
  }

  /** Puts what was kept of a task into it. @returns whether the task is done by that. */
  recall(task: Task): boolean {
    const kept = this.#byTask.get(task.id)
    if (kept === undefined) return false
    const writes = kept.filter(({ channel }) => !UNFINISHED.has(channel))
    if (writes.length === 0) {
      recallFailure(task, kept)
      return false
    }
    task.writes = writes.map(({ channel, value }) => [channel, value])
    task.status = 'done'
    task.cached = true
    return true
  }

  /** Answers that the task was given before. */
  answersOf(task: Task): unknown[] {
    const kept = this.#byTask.get(task.id)?.find(({ channel }) => channel === RESUME)
    if (kept === undefined) return []
    return Array.isArray(kept.value) ? [...(kept.value as unknown[])] : [kept.value]
  }
}

/** A task that failed and was being dealt with is not run again: its handler is. */
function recallFailure(task: Task, kept: readonly PendingWrite[]): void {
  const error = kept.find(({ channel }) => channel === ERROR)
  if (error === undefined || kept.every(({ channel }) => channel !== ERROR_SOURCE_NODE)) return
  const { message, name } = error.value as { message?: string; name?: string }
  task.error = Object.assign(new Error(message), name === undefined ? {} : { name })
  task.writes = [[ERROR, error.value]]
  task.status = 'failed'
}
