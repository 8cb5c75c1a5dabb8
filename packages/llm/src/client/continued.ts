import { MAX_CONTINUATIONS, StreamFollower } from '../router/index.ts'
import type { Beginning } from '../router/index.ts'
import type { ErrorEvent, StreamEvent } from '../types/event.ts'

/** Who goes on with a stream that broke; `text` is what it said itself. `undefined`: nobody does. */
export type GoOn = (
  broken: ErrorEvent,
  beginning: Beginning,
  text: string,
) => Promise<AsyncIterable<StreamEvent> | undefined>

/** One stream to its reader, though several have made it. When nobody goes on it ends as the last one did. */
export async function* continued(
  first: AsyncIterable<StreamEvent>,
  goOn: GoOn,
): AsyncGenerator<StreamEvent, void, undefined> {
  let events = first
  let follower = new StreamFollower()
  for (let count = 0; ; count++) {
    let broken: ErrorEvent | undefined
    for await (const event of events) {
      if (event.type === 'error') {
        broken = event
        break
      }
      // The answer has begun long ago.
      if (event.type !== 'start' || count === 0) yield follower.place(event)
    }
    if (broken === undefined) return
    const beginning = count < MAX_CONTINUATIONS ? follower.beginning(broken.failure) : undefined
    const next = beginning === undefined ? undefined : await goOn(broken, beginning, follower.text)
    if (next === undefined) {
      yield broken
      return
    }
    events = next
    follower = new StreamFollower(beginning)
  }
}
