import { TASKS } from '../constants.ts'
import type { Send } from '../control.ts'
import { isSend } from '../control.ts'
import { InvalidUpdateError } from '../errors.ts'
import { surroundingTask } from '../runtime/ambient.ts'
import type { WriteSink } from '../runtime/program.ts'
import { toWork } from './action.ts'

/** Stands for what the node has come to. The symbol is LangGraph's, so that entries of either package are understood. */
export const PASSTHROUGH: object = { [Symbol.for('LG_PASSTHROUGH')]: true }

/** One write: a fixed value or what the node has come to, as it is or through a function. */
export interface ChannelWriteEntry {
  readonly channel: string
  readonly value: unknown
  /** Whether `undefined` is no write. */
  readonly skipNone?: boolean | undefined
  readonly mapper?: unknown
}

/** Writes to channels and hands on what it was given: the end of a node of a {@link Pregel}, or a step within one. */
export class ChannelWrite {
  /** What LangChain knows a step of its chains by. */
  readonly lc_runnable = true
  readonly writes: readonly (ChannelWriteEntry | Send)[]

  constructor(writes: readonly (ChannelWriteEntry | Send)[]) {
    this.writes = writes
  }

  get name(): string {
    return `ChannelWrite<${this.writes.map((write) => (isSend(write) ? write.node : write.channel)).join(',')}>`
  }

  /**
   * Writes to the channels of the task that it is called in.
   * @throws {InvalidUpdateError} outside of a task, and for the channel of `Send`s
   */
  async invoke(input: unknown, config?: unknown): Promise<unknown> {
    const task = surroundingTask(config)
    if (task === undefined) throw new InvalidUpdateError(`${this.name} was called outside of a graph's node.`)
    await this.write(input, task)
    return input
  }

  /** Writes each of the inputs, in order. */
  async batch(inputs: readonly unknown[], config?: unknown): Promise<unknown[]> {
    for (const input of inputs) await this.invoke(input, Array.isArray(config) ? config[0] : config)
    return [...inputs]
  }

  /** Hands the writes to a sink. A promise comes back only where a function gave one. */
  write(input: unknown, sink: WriteSink): void | Promise<void> {
    const values = this.writes.map((write) => (isSend(write) ? write : valueOf(write, input, sink.runtime)))
    const push = (settled: readonly unknown[]): void => {
      for (const [index, write] of this.writes.entries()) {
        if (isSend(write)) sink.push(TASKS, write)
        else if (settled[index] !== undefined || !write.skipNone) sink.push(write.channel, settled[index])
      }
    }
    return values.some((value) => value instanceof Promise) ? Promise.all(values).then(push) : push(values)
  }
}

function valueOf({ channel, value, mapper }: ChannelWriteEntry, input: unknown, runtime: unknown): unknown {
  if (channel === TASKS) {
    throw new InvalidUpdateError(`"${TASKS}" is not written to by name: give a Send in place of an entry.`)
  }
  const given = isPassthrough(value) ? input : value
  return mapper === undefined ? given : toWork(mapper)(given, runtime as never)
}

function isPassthrough(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.for('LG_PASSTHROUGH') in value
}
