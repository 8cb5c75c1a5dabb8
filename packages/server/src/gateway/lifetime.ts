import type { ServerResponse } from 'node:http'
import { createDeadlines } from './deadlines.ts'
import type { Deadlines, Expiring } from './deadlines.ts'

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
  const life = new Life(timeoutMs, deadlinesBy(nowMs))
  response.on('close', () => {
    if (!response.writableFinished) life.leave()
  })
  // The client may have left before we looked.
  if (response.destroyed) life.leave()
  return life
}

/** Of a request that no client waits for: until its time limit, or until `stop`. */
export function followSignal(stop: AbortSignal, timeoutMs: number, nowMs: () => number): Lifetime {
  const life = new Life(timeoutMs, deadlinesBy(nowMs))
  stop.addEventListener('abort', () => life.leave(), { once: true })
  if (stop.aborted) life.leave()
  return life
}

/** All requests share theirs; only tests have more than one clock. */
const known = new WeakMap<() => number, Deadlines>()

function deadlinesBy(nowMs: () => number): Deadlines {
  let deadlines = known.get(nowMs)
  if (deadlines === undefined) known.set(nowMs, (deadlines = createDeadlines(nowMs)))
  return deadlines
}

class Life implements Lifetime, Expiring {
  readonly dueMs: number
  readonly #deadlines: Deadlines
  #callbacks: (() => void)[] = []
  #complete = false
  cause: 'client_gone' | 'deadline' | undefined

  constructor(timeoutMs: number, deadlines: Deadlines) {
    this.#deadlines = deadlines
    this.dueMs = deadlines.nowMs() + timeoutMs
    deadlines.add(this)
  }

  get over(): boolean {
    return this.cause !== undefined
  }

  leftMs(): number {
    return Math.max(0, this.dueMs - this.#deadlines.nowMs())
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
    this.#deadlines.remove(this)
  }

  expire(): void {
    this.#end('deadline')
  }

  leave(): void {
    this.#end('client_gone')
  }

  complete(): void {
    this.#complete = true
    this.#callbacks = []
    this.#deadlines.remove(this)
  }

  #end(cause: 'client_gone' | 'deadline'): void {
    if (this.over || this.#complete) return
    this.cause = cause
    this.#deadlines.remove(this)
    const callbacks = this.#callbacks
    this.#callbacks = []
    for (const callback of callbacks) callback()
  }
}
