import { newCheckpointId } from './checkpoint-id.ts'
import type { Commit } from './checkpointer.ts'

/**
 * Names for the new logs of a commit, by the position of the change. They begin with the checkpoint's id, which its
 * place has once only; where nobody looks at the head the same checkpoint may be stored twice, so a new id is used.
 *
 * @param written how the storage writes an id
 */
export function logNames(
  { expectedHead, checkpoint }: Commit,
  written: (id: string) => string = (id) => id,
): (position: number) => string {
  const name = written(expectedHead === undefined ? newCheckpointId() : checkpoint.id)
  return (position) => `${name}/${position}`
}
