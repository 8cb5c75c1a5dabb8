/** What became of the call that others wait for. */
export type Outcome<Value> =
  | { readonly type: 'answer'; readonly value: Value }
  | { readonly type: 'failure'; readonly error: unknown }
  /** It was answered, but not with something that others could be given. */
  | { readonly type: 'none' }

/** One call under way that several ask for: one leads, the others follow. */
export interface Flight<Value> {
  /** How many wait beside the one who leads. */
  readonly following: () => number
  readonly outcome: Promise<Outcome<Value>>
  /** One more waits; the result is to be called when they wait no longer. */
  readonly follow: () => () => void
  /** Called each time when the last of those who follow has left. */
  readonly onAlone: (callback: () => void) => void
  /** Ends it, once: whoever comes now leads anew. */
  readonly land: (outcome: Outcome<Value>) => void
}

export interface Flights<Value> {
  readonly find: (key: string) => Flight<Value> | undefined
  /** From now on, whoever asks for the key follows, until it has landed. */
  readonly lead: (key: string) => Flight<Value>
}

export function createFlights<Value>(): Flights<Value> {
  const flights = new Map<string, Flight<Value>>()
  return {
    find: (key) => flights.get(key),
    lead: (key) => {
      const { promise, resolve } = Promise.withResolvers<Outcome<Value>>()
      let count = 0
      let callbacks: (() => void)[] = []
      const flight: Flight<Value> = {
        following: () => count,
        outcome: promise,
        follow: () => {
          let left = false
          count++
          return () => {
            if (left) return
            left = true
            count--
            if (count === 0) for (const callback of callbacks) callback()
          }
        },
        onAlone: (callback) => void callbacks.push(callback),
        land: (outcome) => {
          if (flights.get(key) === flight) flights.delete(key)
          callbacks = []
          resolve(outcome)
        },
      }
      flights.set(key, flight)
      return flight
    },
  }
}

/** How many calls may fail before those who wait are told of it: the one who led, and one who tried again. */
export const FAILED_LEADERS = 2
