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

  /** The names that were written since it was reset. */
  get arrived(): ReadonlySet<Name> {
    return this.seen
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

/** What barriers that wait for the end of all other work have in common. */
abstract class LateBarrier<Name> extends BaseChannel<undefined, Name, [Name[], boolean]> {
  readonly names: ReadonlySet<Name>
  protected readonly seen: Set<Name> = new Set()
  protected finished = false

  constructor(names: ReadonlySet<Name>) {
    super()
    this.names = names
  }

  /** The names that were written since it was reset. */
  get arrived(): ReadonlySet<Name> {
    return this.seen
  }

  override get isDeferred(): boolean {
    return true
  }

  protected get isComplete(): boolean {
    return this.seen.size === this.names.size
  }

  protected restore(stored: [Name[], boolean] | undefined): this {
    if (stored === undefined) return this
    for (const name of stored[0]) this.seen.add(name)
    this.finished = stored[1]
    return this
  }

  update(values: readonly Name[]): boolean {
    return sawNew(this.seen, this.names, values)
  }

  get(): undefined {
    if (!this.isAvailable()) throw new EmptyChannelError()
    return undefined
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
}

/** As {@link NamedBarrierValue}, but available only when nothing else is left to run: before a deferred node. */
export class NamedBarrierValueAfterFinish<Name> extends LateBarrier<Name> {
  readonly lc_graph_name: string = 'NamedBarrierValueAfterFinish'

  fromCheckpoint(stored?: [Name[], boolean]): NamedBarrierValueAfterFinish<Name> {
    return new NamedBarrierValueAfterFinish(this.names).restore(stored)
  }

  isAvailable(): boolean {
    return this.finished && this.isComplete
  }

  override finish(): boolean {
    if (this.finished || !this.isComplete) return false
    this.finished = true
    return true
  }
}

/** As {@link NamedBarrierValue}, but does with some of the names when nothing else is left to run. */
export class InclusiveBarrierValue<Name> extends LateBarrier<Name> {
  readonly lc_graph_name: string = 'InclusiveBarrierValue'

  fromCheckpoint(stored?: [Name[], boolean]): InclusiveBarrierValue<Name> {
    return new InclusiveBarrierValue(this.names).restore(stored)
  }

  isAvailable(): boolean {
    return this.finished || this.isComplete
  }

  override finish(): boolean {
    if (this.finished || this.isComplete || this.seen.size === 0) return false
    this.finished = true
    return true
  }
}
