import type { TaskWrites } from '../checkpoint/checkpointer.ts'
import { ERROR, INTERRUPT } from '../constants.ts'
import type { Interrupt } from '../control.ts'
import type { RunSettings } from './host.ts'
import type { Task } from './task.ts'

/** The output of a run that paused: what there is of it, with the questions. */
export function withInterrupts(output: unknown, interrupts: readonly Interrupt[]): unknown {
  if (output == null) return { [INTERRUPT]: interrupts }
  return typeof output === 'object' ? { ...output, [INTERRUPT]: interrupts } : output
}

/** What is kept of tasks that had no result when their run was cancelled. */
export function cancelledWrites(tasks: readonly Task[]): TaskWrites[] {
  const note = { name: 'RunCancelledError', message: 'The run was cancelled before the task had a result.' }
  return tasks.map((task) => ({ taskId: task.id, writes: [[ERROR, note]] }))
}

/** Tells LangChain handlers that were handed to the run what came of it. */
export function tellHandlers({ callbacks, runId }: RunSettings, output: unknown): void {
  if (!Array.isArray(callbacks)) return
  for (const handler of callbacks as {
    handleChainEnd?: (output: unknown, runId?: string) => unknown
  }[]) {
    handler.handleChainEnd?.(output, runId)
  }
}
