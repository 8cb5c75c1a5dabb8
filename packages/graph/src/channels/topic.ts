import { EmptyChannelError } from '../errors.ts'
import { BaseChannel } from './channel.ts'

/** What is stored of a topic: its values; behind those that it has ever seen, when each is to be there once. */
type StoredTopic<Value> = Value[] | [seen: Value[], values: Value[]]

/** A list of what was written: of one superstep, or of all when it accumulates; each value once when it is unique. */
export class Topic<Value> extends BaseChannel<Value[], Value | Value[], StoredTopic<Value>> {
  readonly lc_graph_name: string = 'Topic'
  readonly unique: boolean
  readonly accumulate: boolean
  private readonly seen: Set<Value> = new Set()
  private values: Value[] = []

  constructor(options: { readonly unique?: boolean; readonly accumulate?: boolean } = {}) {
    super()
    this.unique = options.unique ?? false
    this.accumulate = options.accumulate ?? false
  }

  override get isTransient(): boolean {
    return !this.accumulate
  }

  fromCheckpoint(stored?: StoredTopic<Value>): Topic<Value> {
    const channel = new Topic<Value>({ unique: this.unique, accumulate: this.accumulate })
    if (stored === undefined) return channel
    const [seen, values] = isPair(stored) ? stored : [this.unique ? stored : [], stored]
    for (const value of seen) channel.seen.add(value)
    channel.values = [...values]
    return channel
  }

  update(writes: readonly (Value | Value[])[]): boolean {
    // What was handed out stays as it was: a new list each time.
    const next = this.accumulate ? [...this.values] : []
    const before = this.accumulate ? next.length : 0
    for (const value of writes.flat() as Value[]) {
      if (this.unique) {
        if (this.seen.has(value)) continue
        this.seen.add(value)
      }
      next.push(value)
    }
    const changed = next.length > before || (!this.accumulate && this.values.length > 0)
    if (changed) this.values = next
    return changed
  }

  get(): Value[] {
    if (this.values.length === 0) throw new EmptyChannelError()
    return this.values
  }

  isAvailable(): boolean {
    return this.values.length > 0
  }

  checkpoint(): StoredTopic<Value> | undefined {
    if (this.unique) return this.seen.size === 0 ? undefined : [[...this.seen], this.values]
    return this.values.length === 0 ? undefined : this.values
  }
}

/** Older checkpoints have the pair for every topic. */
function isPair<Value>(stored: StoredTopic<Value>): stored is [seen: Value[], values: Value[]] {
  return stored.length === 2 && Array.isArray(stored[0]) && Array.isArray(stored[1])
}
