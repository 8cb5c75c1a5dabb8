import { EmptyChannelError, InvalidUpdateError } from '../errors.ts'
import { BaseChannel } from './channel.ts'

/** Available once each of the names was written; reset when what it triggered has run. */
export class NamedBarrierValue<Name> extends BaseChannel<undefined, Name, Name[]> {
  readonly lc_graph_name: string = 'NamedBarrierValue'
  readonly names: ReadonlySet<Name>
  protected readonly seen: Set<Name> = new Set()

  constructor(names: ReadonlySet<Name>) {
    super()
    this.names = names
  }

  fromCheckpoint(stored?: Name[]): NamedBarrierValue<Name> {
    const channel = new NamedBarrierValue(this.names)
    for (const name of stored ?? []) channel.seen.add(name)
    return channel
  }

  update(values: readonly Name[]): boolean {
    return sawNew(this.seen, this.names, values)
  }

  get(): undefined {
    if (!this.isAvailable()) throw new EmptyChannelError()
    return undefined
  }

  isAvailable(): boolean {
    return this.seen.size === this.names.size
  }

  checkpoint(): Name[] | undefined {
    return this.seen.size === 0 ? undefined : [...this.seen]
  }

  override consume(): boolean {
    if (!this.isAvailable()) return false
    this.seen.clear()
    return true
  }
}

function sawNew<Name>(seen: Set<Name>, names: ReadonlySet<Name>, values: readonly Name[]): boolean {
  let changed = false
  for (const value of values) {
    if (!names.has(value)) {
      throw new InvalidUpdateError(
        `Value ${JSON.stringify(value)} not in names ${JSON.stringify([...names])}`,
      )
    }
    if (!seen.has(value)) {
      seen.add(value)
      changed = true
    }
  }
  return changed
}

/** As {@link NamedBarrierValue}, but available only when nothing else is left to run: before a deferred node. */
export class NamedBarrierValueAfterFinish<Name> extends BaseChannel<undefined, Name, [Name[], boolean]> {
  readonly lc_graph_name: string = 'NamedBarrierValueAfterFinish'
  readonly names: ReadonlySet<Name>
  private readonly seen: Set<Name> = new Set()
  private finished = false

  constructor(names: ReadonlySet<Name>) {
    super()
    this.names = names
  }

  fromCheckpoint(stored?: [Name[], boolean]): NamedBarrierValueAfterFinish<Name> {
    const channel = new NamedBarrierValueAfterFinish(this.names)
    if (stored !== undefined) {
      for (const name of stored[0]) channel.seen.add(name)
      channel.finished = stored[1]
    }
    return channel
  }

  update(values: readonly Name[]): boolean {
    return sawNew(this.seen, this.names, values)
  }

  get(): undefined {
    if (!this.isAvailable()) throw new EmptyChannelError()
    return undefined
  }

  isAvailable(): boolean {
    return this.finished && this.seen.size === this.names.size
  }

  checkpoint(): [Name[], boolean] | undefined {
    return this.seen.size === 0 ? undefined : [[...this.seen], this.finished]
  }

  override consume(): boolean {
    if (!this.isAvailable()) return false
    this.finished = false
    this.seen.clear()
    return true
  }

  override finish(): boolean {
    if (this.finished || this.seen.size !== this.names.size) return false
    this.finished = true
    return true
  }
}
