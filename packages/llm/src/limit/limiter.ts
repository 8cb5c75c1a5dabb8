import { createError } from '../errors.ts'

/** How much may be asked at once, and in any 60 seconds. */
export interface LimitOptions {
  /** Requests per minute. */
  rpm?: number | undefined
  /** Tokens per minute, input and output together. */
  tpm?: number | undefined
  /** Requests under way at the same time. */
  concurrency?: number | undefined
}

/** A place in the limits, held from `enter` until `leave`. */
export interface Pass {
  /** Gives the place back; `tokens` replaces what was expected by what was used. Calling it again changes nothing. */
  leave: (tokens?: number) => void
}

export interface Limiter {
  /**
   * Waits for room, in the order of asking: a large request is not overtaken by smaller ones.
   *
   * @param tokens expected; a request of more than `tpm` has a minute to itself.
   * @throws `aborted` when `signal` aborts while it waits.
   */
  enter: (tokens: number, signal?: AbortSignal) => Promise<Pass>
}

export interface LimiterWorld {
  nowMs: () => number
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
}

interface Entry {
  readonly atMs: number
  tokens: number
}

interface Waiting {
  readonly tokens: number
  readonly start: (pass: Pass) => void
}

const WINDOW_MS = 60_000

/**
 * Makes a limiter. `rpm` and `tpm` hold for every 60 seconds, wherever they begin, so that a provider which counts by
 * the minute never sees more, whenever its minutes turn.
 *
 * @throws `bad_request` for a limit that is no whole number above 0.
 */
export function createLimiter(options: LimitOptions, world: LimiterWorld): Limiter {
  const rpm = limitOf(options, 'rpm')
  const tpm = limitOf(options, 'tpm')
  const concurrency = limitOf(options, 'concurrency')
  /** Of the last 60 seconds, oldest first. */
  let recent: Entry[] = []
  const queue: Waiting[] = []
  let running = 0
  let alarm: AbortController | undefined

  /** How long the next one must wait for the window; 0: not at all. */
  function waitMs(tokens: number): number {
    const nowMs = world.nowMs()
    recent = recent.filter(({ atMs }) => atMs + WINDOW_MS > nowMs)
    const room = tpm - Math.min(tokens, tpm)
    let used = recent.reduce((sum, entry) => sum + entry.tokens, 0)
    let untilMs = nowMs
    for (const [index, entry] of recent.entries()) {
      if (recent.length - index < rpm && used <= room) break
      used -= entry.tokens
      untilMs = entry.atMs + WINDOW_MS
    }
    return untilMs - nowMs
  }

  function admit(): void {
    alarm?.abort()
    alarm = undefined
    for (;;) {
      const [first] = queue
      if (first === undefined || running >= concurrency) return
      const delayMs = waitMs(first.tokens)
      if (delayMs > 0) return wakeAfter(delayMs)
      queue.shift()
      first.start(open(first.tokens))
    }
  }

  function wakeAfter(ms: number): void {
    const timer = new AbortController()
    alarm = timer
    const awake = (): void => {
      if (alarm === timer) admit()
    }
    // Rejected when the queue has been looked at anew meanwhile.
    void world.sleep(ms, timer.signal).then(awake, () => undefined)
  }

  function open(tokens: number): Pass {
    const entry = { atMs: world.nowMs(), tokens }
    recent.push(entry)
    running++
    let left = false
    return {
      leave(used) {
        if (left) return
        left = true
        running--
        if (used !== undefined) entry.tokens = used
        admit()
      },
    }
  }

  return {
    enter: (tokens, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(left(signal))
        const waiting: Waiting = {
          tokens,
          start(pass) {
            signal?.removeEventListener('abort', leave)
            resolve(pass)
          },
        }
        function leave(): void {
          queue.splice(queue.indexOf(waiting), 1)
          reject(left(signal))
          admit()
        }
        signal?.addEventListener('abort', leave, { once: true })
        queue.push(waiting)
        admit()
      }),
  }
}

function left(signal: AbortSignal | undefined): Error {
  const message = 'The caller left while the call waited for room in its limit'
  return createError({ code: 'aborted', message, cause: signal?.reason })
}

function limitOf(options: LimitOptions, name: keyof LimitOptions): number {
  const value = options[name]
  if (value === undefined) return Number.POSITIVE_INFINITY
  if (Number.isInteger(value) && value > 0) return value
  throw createError({
    code: 'bad_request',
    message: `limit.${name} is ${value}: give a whole number above 0, or leave it out`,
    param: `limit.${name}`,
  })
}
