import { overwriteOf } from '../control.ts'
import { EmptyChannelError, InvalidUpdateError } from '../errors.ts'
import { BaseChannel, ValueChannel } from './channel.ts'

/** Keeps the last value; two writers in one superstep are an error. A channel with an initial value never lacks one. */
export class LastValue<Value> extends ValueChannel<Value> {
  readonly lc_graph_name: string = 'LastValue'
  private readonly initial: (() => Value) | undefined

  constructor(initial?: () => Value) {
    super()
    this.initial = initial
    if (initial !== undefined) this.hold(initial())
  }

  fromCheckpoint(stored?: Value): LastValue<Value> {
    return new LastValue(this.initial).restore(stored)
  }

  update(values: readonly Value[]): boolean {
    if (values.length === 0) return false
    if (values.length > 1) throw concurrentUpdate()
    const value = values[0] as Value
    const overwrite = typeof value === 'object' ? overwriteOf(value) : undefined
    this.hold(overwrite === undefined ? value : (overwrite.value as Value))
    return true
  }
}

/** Says that two writers met where one is allowed. */
function concurrentUpdate(): InvalidUpdateError {
  return new InvalidUpdateError('LastValue can only receive one value per step.', {
    lc_error_code: 'INVALID_CONCURRENT_GRAPH_UPDATE',
  })
}

/** As {@link LastValue}, but readable only when nothing else is left to run: the trigger of a deferred node. */
export class LastValueAfterFinish<Value> extends BaseChannel<Value, Value, [Value, boolean]> {
  readonly lc_graph_name: string = 'LastValueAfterFinish'
  private box: { readonly value: Value } | undefined
  private finished = false

  override get isDeferred(): boolean {
    return true
  }

  fromCheckpoint(stored?: [Value, boolean]): LastValueAfterFinish<Value> {
    const channel = new LastValueAfterFinish<Value>()
    if (stored !== undefined) {
      channel.box = { value: stored[0] }
      channel.finished = stored[1]
    }
    return channel
  }

  update(values: readonly Value[]): boolean {
    if (values.length === 0) return false
    this.finished = false
    this.box = { value: values.at(-1) as Value }
    return true
  }

  get(): Value {
    if (!this.isAvailable()) throw new EmptyChannelError()
    return (this.box as { value: Value }).value
  }

  isAvailable(): boolean {
    return this.finished && this.box !== undefined
  }

  checkpoint(): [Value, boolean] | undefined {
    return this.box === undefined ? undefined : [this.box.value, this.finished]
  }

  override consume(): boolean {
    if (!this.finished) return false
    this.finished = false
    this.box = undefined
    return true
  }

  override finish(): boolean {
    if (this.finished || this.box === undefined) return false
    this.finished = true
    return true
  }
}
