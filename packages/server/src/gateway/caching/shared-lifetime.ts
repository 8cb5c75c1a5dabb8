import type { Flight } from '@switchyard/llm/kit'
import type { Lifetime } from '../lifetime.ts'

/**
 * The lifetime of a call that others wait for, too: its client may leave, and it goes on for as long as somebody waits.
 * At its deadline it is over for all.
 */
export function sharedLifetime<Value>(own: Lifetime, flight: Flight<Value>): Lifetime {
  let callbacks: (() => void)[] = []
  let cause: Lifetime['cause']

  const end = (): void => {
    if (cause !== undefined || own.cause === undefined) return
    if (own.cause === 'client_gone' && flight.following() > 0) return
    cause = own.cause
    const called = callbacks
    callbacks = []
    for (const callback of called) callback()
  }
  own.onOver(end)
  flight.onAlone(end)

  const onOver = (callback: () => void): void => {
    if (cause === undefined) callbacks.push(callback)
    else callback()
  }
  return {
    get over() {
      return cause !== undefined
    },
    get cause() {
      return cause
    },
    leftMs: () => own.leftMs(),
    onOver,
    sleep: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms)
        onOver(() => {
          clearTimeout(timer)
          resolve()
        })
      }),
    lift: () => own.lift(),
    complete: () => {
      callbacks = []
      // Whatever went wrong on the way out: nobody waits for ever.
      flight.land({ type: 'none' })
    },
  }
}
