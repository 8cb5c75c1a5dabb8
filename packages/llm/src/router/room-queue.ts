import type { DeploymentState } from './state.ts'

/** Requests that wait until a deployment has one fewer under way. */
export interface RoomQueue {
  readonly join: (candidates: readonly Waited[], priority: number | undefined) => Waiter
  /** One request less is under way there: whoever is next looks again. */
  readonly freed: (state: DeploymentState) => void
}

interface Waited {
  readonly state: DeploymentState
}

/** A place in the queue; it stays the same until it is left. */
export interface Waiter {
  /** Ends when it is this one's turn to look. */
  readonly turn: () => Promise<void>
  /** Ends a turn, or what waits for one, whatever the deployments do. */
  readonly wake: () => void
  /** Gives the place up; with `untaken` the next one has the turn. */
  readonly leave: (untaken: boolean) => void
}

/** Those who do not say come after those who do. */
const LAST = 256

interface Place {
  readonly candidates: readonly Waited[]
  readonly priority: number
  wake: (() => void) | undefined
}

/** The lowest priority first; among equals whoever came first. */
export function createRoomQueue(): RoomQueue {
  const places: Place[] = []
  const freed = (state: DeploymentState): void => {
    if (places.length === 0) return
    for (const place of places) {
      if (place.wake === undefined || !place.candidates.some((one) => one.state === state)) continue
      const { wake } = place
      place.wake = undefined
      wake()
      return
    }
  }
  return {
    freed,
    join: (candidates, priority = LAST) => {
      const place: Place = { candidates, priority, wake: undefined }
      const before = places.findIndex((one) => one.priority > priority)
      places.splice(before === -1 ? places.length : before, 0, place)
      return {
        turn: () => new Promise((resolve) => (place.wake = resolve)),
        wake: () => {
          place.wake?.()
          place.wake = undefined
        },
        leave: (untaken) => {
          places.splice(places.indexOf(place), 1)
          if (untaken) for (const { state } of candidates) freed(state)
        },
      }
    },
  }
}
