import type { Finish } from '../../types/answer.ts'

/** Ollama says `stop` even where the model called a tool. */
export function parseFinish(doneReason: string | undefined, called: boolean): Finish {
  if (doneReason === 'length') return { reason: 'length', rawReason: doneReason }
  const known = doneReason === undefined || doneReason === 'stop'
  if (!known) return { reason: 'other', rawReason: doneReason }
  return { reason: called ? 'tool-calls' : 'stop', rawReason: doneReason }
}
