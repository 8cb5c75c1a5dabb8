import type { PendingWrite } from '../checkpoint/checkpointer.ts'
import { INTERRUPT } from '../constants.ts'
import type { Command, Interrupt } from '../control.ts'
import { UnknownInterruptError } from '../errors.ts'
import { isInterruptId } from './ids.ts'

/** What a run was continued with: one answer for whoever asks first, or answers by interrupt. */
export class Answers {
  readonly #byId: Map<string, unknown>
  #single: { readonly value: unknown } | undefined

  constructor(byId: ReadonlyMap<string, unknown>, single: { readonly value: unknown } | undefined) {
    this.#byId = new Map(byId)
    this.#single = single
  }

  /** The answer to an interrupt, once. */
  take(id: string): { readonly value: unknown } | undefined {
    if (this.#byId.has(id)) {
      const value = this.#byId.get(id)
      this.#byId.delete(id)
      return { value }
    }
    const single = this.#single
    this.#single = undefined
    return single
  }

  /** The superstep that was paused is over: an answer that nobody asked for is not kept for a later question. */
  end(): void {
    this.#single = undefined
    this.#byId.clear()
  }
}

/**
 * The answers that a command brings; `undefined` for none. Every value but `undefined` is one.
 * @throws {UnknownInterruptError} when an answer is for an interrupt that does not wait
 */
export function collectAnswers(
  command: Pick<Command, 'resume'> | undefined,
  pending: readonly PendingWrite[],
): Answers | undefined {
  const resume = command?.resume
  if (resume === undefined) return undefined
  if (!isAnswerMap(resume)) return new Answers(new Map(), { value: resume })
  const waiting = pending
    .filter(({ channel }) => channel === INTERRUPT)
    .flatMap(({ value }) => (Array.isArray(value) ? value : [value]) as Interrupt[])
    .map(({ id }) => id ?? '')
  const unknown = Object.keys(resume).filter((id) => !waiting.includes(id))
  if (unknown.length > 0) {
    throw new UnknownInterruptError(
      `No interrupt ${unknown.map((id) => `"${id}"`).join(', ')} is waiting; waiting: ${waiting.join(', ') || 'none'}.`,
      unknown,
      waiting,
    )
  }
  return new Answers(new Map(Object.entries(resume)), undefined)
}

function isAnswerMap(resume: unknown): resume is Record<string, unknown> {
  if (typeof resume !== 'object' || resume === null) return false
  const keys = Object.keys(resume)
  return keys.length > 0 && keys.every(isInterruptId)
}
