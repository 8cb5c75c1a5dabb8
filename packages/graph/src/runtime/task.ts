import { NAMESPACE_END, NAMESPACE_SEPARATOR, PULL, PUSH } from '../constants.ts'
import type { TimeoutPolicy } from '../control.ts'
import { taskId } from './ids.ts'
import type { NodeSpec } from './program.ts'

/** One write of a task. */
export type Write = readonly [channel: string, value: unknown]

/** Where a task stands among those of its superstep. */
export type TaskPath = readonly (string | number | boolean | TaskPath)[]

/** What has become of a task. */
export type TaskStatus = 'waiting' | 'running' | 'done' | 'interrupted' | 'failed'

/** Where and when a superstep takes place; its tasks are named after it. */
export interface StepPlace {
  readonly step: number
  readonly namespace: string
  /** Made when somebody asks for it: most steps of a run without a saver never do. */
  readonly checkpointId: string
}

/** One execution of a node in one superstep. */
export class Task {
  readonly node: NodeSpec
  readonly path: TaskPath
  readonly input: unknown
  /** Channels that made it run, as they are reported. */
  readonly triggers: readonly string[]
  readonly place: StepPlace
  readonly timeout: TimeoutPolicy | undefined
  /** Further part of what its id is made of, for tasks that others call. */
  readonly salt: string | undefined
  writes: Write[] = []
  status: TaskStatus = 'waiting'
  error: unknown
  /** Whether the result comes from an earlier run or from the cache. */
  cached = false
  /** Attempts so far. */
  attempt = 0
  /** Milliseconds since 1970. */
  firstAttemptTime: number | undefined
  #id: string | undefined
  #namespace: string | undefined

  constructor(
    node: NodeSpec,
    path: TaskPath,
    input: unknown,
    triggers: readonly string[],
    place: StepPlace,
    timeout?: TimeoutPolicy,
    salt?: string,
  ) {
    this.node = node
    this.path = path
    this.input = input
    this.triggers = triggers
    this.place = place
    this.timeout = timeout ?? node.timeout
    this.salt = salt
  }

  get name(): string {
    return this.node.name
  }

  get isPull(): boolean {
    return this.path[0] === PULL
  }

  /** Whether another task called it, so that its pauses and results are that one's to report. */
  get isCalled(): boolean {
    return this.path[0] === PUSH && this.path.at(-1) === true
  }

  /** The same when the same checkpoint is resumed; another one after any new checkpoint. */
  get id(): string {
    if (this.#id === undefined) {
      const { checkpointId, namespace, step } = this.place
      const position = this.salt ?? (this.isPull ? this.triggers[0] : String(this.path[1]))
      this.#id = taskId(
        `${checkpointId} ${namespace} ${step} ${this.name} ${String(this.path[0])} ${String(position)}`,
      )
    }
    return this.#id
  }

  /** The namespace of graphs that it runs, and its own name in streams. */
  get namespace(): string {
    if (this.#namespace === undefined) {
      const own = `${this.name}${NAMESPACE_END}${this.id}`
      const { namespace } = this.place
      this.#namespace = namespace === '' ? own : `${namespace}${NAMESPACE_SEPARATOR}${own}`
    }
    return this.#namespace
  }
}

/** The task that deals with another one's failure: in the same superstep, with the same input. */
export function handlingTask(failed: Task, handler: NodeSpec): Task {
  const path = [...failed.path, 'node_error_handler', false]
  return new Task(handler, path, failed.input, [PUSH], failed.place, undefined, `handles ${failed.id}`)
}

/** Orders tasks as their writes are applied: those that edges triggered by name, then those that were sent by index. */
export function inWriteOrder(tasks: readonly Task[]): readonly Task[] {
  if (tasks.length < 2) return tasks
  let sorted = true
  for (let index = 1; index < tasks.length && sorted; index += 1) {
    sorted = comparePaths((tasks[index - 1] as Task).path, (tasks[index] as Task).path) <= 0
  }
  return sorted ? tasks : tasks.toSorted((a, b) => comparePaths(a.path, b.path))
}

/** Compares paths element by element: texts by code unit, numbers by size, nested paths behind both. */
function comparePaths(a: TaskPath, b: TaskPath): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index += 1) {
    const difference = compareParts(a[index] as TaskPath[number], b[index] as TaskPath[number])
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

function compareParts(a: TaskPath[number], b: TaskPath[number]): number {
  if (typeof a === 'object' || typeof b === 'object') {
    if (typeof a !== 'object') return -1
    return typeof b === 'object' ? comparePaths(a, b) : 1
  }
  if (typeof a === 'string' || typeof b === 'string') {
    const [left, right] = [String(a), String(b)]
    return left < right ? -1 : left > right ? 1 : 0
  }
  return Number(a) - Number(b)
}
