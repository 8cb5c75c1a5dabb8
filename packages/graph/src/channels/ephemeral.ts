import { InvalidUpdateError } from '../errors.ts'
import { ValueChannel } from './channel.ts'

/** Lives for one superstep. Unguarded, several may write it and the last one counts. */
export class EphemeralValue<Value> extends ValueChannel<Value> {
  readonly lc_graph_name: string = 'EphemeralValue'
  readonly guard: boolean

  constructor(guard = true) {
    super()
    this.guard = guard
  }

  override get isTransient(): boolean {
    return true
  }

  fromCheckpoint(stored?: Value): EphemeralValue<Value> {
    return new EphemeralValue<Value>(this.guard).restore(stored)
  }

  update(values: readonly Value[]): boolean {
    if (values.length === 0) {
      const changed = this.held
      this.clear()
      return changed
    }
    if (this.guard && values.length !== 1) {
      throw new InvalidUpdateError('EphemeralValue can only receive one value per step.', {
        lc_error_code: 'INVALID_CONCURRENT_GRAPH_UPDATE',
      })
    }
    this.hold(values.at(-1) as Value)
    return true
  }
}

/** Takes any number of writers that agree: the last one counts, and the value goes when a superstep passes without one. */
export class AnyValue<Value> extends ValueChannel<Value> {
  readonly lc_graph_name: string = 'AnyValue'

  override get isTransient(): boolean {
    return true
  }

  fromCheckpoint(stored?: Value): AnyValue<Value> {
    return new AnyValue<Value>().restore(stored)
  }

  update(values: readonly Value[]): boolean {
    if (values.length === 0) {
      const changed = this.held
      this.clear()
      return changed
    }
    this.hold(values.at(-1) as Value)
    return true
  }
}

/** As `LastValue`, and never stored: for handles and secrets. Unguarded, the last of several writers counts. */
export class UntrackedValueChannel<Value> extends ValueChannel<Value> {
  readonly lc_graph_name: string = 'UntrackedValue'
  readonly guard: boolean
  private readonly initial: (() => Value) | undefined

  constructor(options: { readonly guard?: boolean; readonly initialValueFactory?: () => Value } = {}) {
    super()
    this.guard = options.guard ?? true
    this.initial = options.initialValueFactory
    if (this.initial !== undefined) this.hold(this.initial())
  }

  override get isTracked(): boolean {
    return false
  }

  fromCheckpoint(): UntrackedValueChannel<Value> {
    const options = this.initial === undefined ? {} : { initialValueFactory: this.initial }
    return new UntrackedValueChannel<Value>({ guard: this.guard, ...options })
  }

  override checkpoint(): undefined {
    return undefined
  }

  update(values: readonly Value[]): boolean {
    if (values.length === 0) return false
    if (this.guard && values.length !== 1) {
      throw new InvalidUpdateError(
        'UntrackedValue(guard=true) can receive only one value per step. Use guard=false if you want to store any one of multiple values.',
        { lc_error_code: 'INVALID_CONCURRENT_GRAPH_UPDATE' },
      )
    }
    this.hold(values.at(-1) as Value)
    return true
  }
}
