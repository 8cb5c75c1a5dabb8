import type { Checkpointer } from '../checkpoint/checkpointer.ts'
import type { ForeignSaver } from '../checkpoint/from-langgraph.ts'
import { BaseLangGraphError } from '../errors.ts'

/** What a graph may be given as its checkpointer: a saver, memory of its own as a subgraph, or none at all. */
export type SaverOption = Checkpointer | ForeignSaver | boolean | undefined

/** @throws {BaseLangGraphError} for an object that is no saver, of this package or of LangGraph */
export function assertSaver(saver: SaverOption | null): void {
  if (typeof saver !== 'object' || saver === null) return
  const one = saver as Partial<Checkpointer & ForeignSaver>
  if (typeof one.commit === 'function') return
  if (typeof one.getTuple === 'function' && typeof one.put === 'function') return
  throw new BaseLangGraphError('The checkpointer is not a saver.', { lc_error_code: 'invalid_checkpointer' })
}
