import { EmptyChannelError } from '../errors.ts'
import { BaseChannel } from './channel.ts'

/** A list of what was written: of one superstep, or of all when it accumulates; each value once when it is unique. */
export class Topic<Value> extends BaseChannel<Value[], Value | Value[], [Value[], Value[]]> {
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

  fromCheckpoint(stored?: [Value[], Value[]]): Topic<Value> {
    const channel = new Topic<Value>({ unique: this.unique, accumulate: this.accumulate })
    if (stored !== undefined) {
      for (const value of stored[0]) channel.seen.add(value)
      channel.values = [...stored[1]]
    }
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

  checkpoint(): [Value[], Value[]] | undefined {
    return this.values.length === 0 && this.seen.size === 0 ? undefined : [[...this.seen], this.values]
  }
}
