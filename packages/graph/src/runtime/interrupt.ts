import { currentTask } from './ambient.ts'
import type { InterruptOptions } from '../node/runtime.ts'

/**
 * Asks a person or a program, and gives the answer. The run pauses until `Command({ resume })` brings one; the node then
 * starts again at its first line, and the k-th question of the node gets the k-th answer. Any answer but `undefined`
 * counts. It pauses by throwing: do not catch it for good.
 *
 * @example
 * const ok = interrupt<{ question: string }, boolean>({ question: 'Send it?' })
 * @throws {GraphInterrupt} while there is no answer
 * @throws {BaseLangGraphError} `resume_value_invalid` when the answer does not fit `responseSchema`
 * @throws {GraphValueError} `MISSING_CHECKPOINTER` without a checkpointer
 */
export function interrupt<Question = unknown, Answer = unknown>(
  value: Question,
  options?: InterruptOptions,
): Answer {
  const task = currentTask()
  if (task === undefined) throw new Error('Called interrupt() outside the context of a graph.')
  return task.interrupt(value, options?.responseSchema) as Answer
}
