import type { ServerResponse } from 'node:http'

/** How long a request may live: until its deadline, or until its client leaves. */
export interface Lifetime {
  readonly over: boolean
  /** Why it is over. */
  readonly cause: 'client_gone' | 'deadline' | undefined
  leftMs: () => number
  /** Called once, when it is over before the answer was complete. */
  onOver: (callback: () => void) => void
  /** Waits, but not longer than it lives. */
  sleep: (ms: number) => Promise<void>
  /** The deadline does not count any more: a long answer that goes on is not a late one. */
  lift: () => void
  /** The answer is complete: nothing is to be ended any more. */
  complete: () => void
}

/** Follows the client's connection and the request's own time limit. */
export function followLifetime(response: ServerResponse, timeoutMs: number, nowMs: () => number): Lifetime {
  return new Life(response, timeoutMs, nowMs)
}

/** A timer that is set to more fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

class Life implements Lifetime {
  readonly #deadlineMs: number
  readonly #nowMs: () => number
  readonly #timer: NodeJS.Timeout
  #callbacks: (() => void)[] = []
  #complete = false
  cause: 'client_gone' | 'deadline' | undefined

  constructor(response: ServerResponse, timeoutMs: number, nowMs: () => number) {
    this.#nowMs = nowMs
    this.#deadlineMs = nowMs() + timeoutMs
    this.#timer = setTimeout(() => this.#end('deadline'), Math.min(timeoutMs, MAX_TIMER_MS))
    response.once('close', () => {
      if (!response.writableFinished) this.#end('client_gone')
    })
    // The client may have left before we looked.
    if (response.destroyed) this.#end('client_gone')
  }

  get over(): boolean {
    return this.cause !== undefined
  }

  leftMs(): number {
    return Math.max(0, this.#deadlineMs - this.#nowMs())
  }

  onOver(callback: () => void): void {
    if (this.over) callback()
    else this.#callbacks.push(callback)
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.onOver(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  lift(): void {
    clearTimeout(this.#timer)
  }

  complete(): void {
    this.#complete = true
    this.#callbacks = []
    clearTimeout(this.#timer)
  }

  #end(cause: 'client_gone' | 'deadline'): void {
    if (this.over || this.#complete) return
    this.cause = cause
    clearTimeout(this.#timer)
    const callbacks = this.#callbacks
    this.#callbacks = []
    for (const callback of callbacks) callback()
  }
}
