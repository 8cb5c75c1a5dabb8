import type { TaskWrites } from '../checkpoint/checkpointer.ts'
import { ERROR, INTERRUPT } from '../constants.ts'
import type { Interrupt } from '../control.ts'
import type { Task } from './task.ts'

/** The output of a run that paused: what there is of it, with the questions. */
export function withInterrupts(output: unknown, interrupts: readonly Interrupt[]): unknown {
  if (output == null) return { [INTERRUPT]: interrupts }
  return typeof output === 'object' ? { ...output, [INTERRUPT]: interrupts } : output
}

/** The output of a run without the questions that it paused at. */
export function withoutInterrupts(output: unknown): unknown {
  if (typeof output !== 'object' || output === null || !(INTERRUPT in output)) return output
  const { [INTERRUPT]: _questions, ...rest } = output
  return rest
}

/** What is kept of tasks that had no result when their run was cancelled. */
export function cancelledWrites(tasks: readonly Task[]): TaskWrites[] {
  const note = { name: 'RunCancelledError', message: 'The run was cancelled before the task had a result.' }
  return tasks.map((task) => ({ taskId: task.id, writes: [[ERROR, note]] }))
}
