import { INTERRUPT, ROOT } from './constants.ts'

/** A limit on how long one attempt of a task may take, in milliseconds. */
export interface TimeoutPolicy {
  /** Longest run of one attempt. */
  readonly runTimeout?: number
  /** Longest time without a sign of life: a custom write, a streamed token, a `heartbeat()`. */
  readonly idleTimeout?: number
  /** What counts as a sign of life: everything (`auto`, the default) or `heartbeat()` only. */
  readonly refreshOn?: 'auto' | 'heartbeat'
}

/** The structure of a {@link Send}; a plain object of it is taken for one in `Command.goto`. */
export interface SendInterface<Node extends string = string, Args = unknown> {
  readonly node: Node
  readonly args: Args
  readonly timeout?: TimeoutPolicy | undefined
}

/**
 * One extra task of `node` in the next superstep, with an input of its own instead of the shared state.
 * @example graph.addConditionalEdges('plan', (state) => state.topics.map((topic) => new Send('write', { topic })))
 */
export class Send<Node extends string = string, Args = unknown> implements SendInterface<Node, Args> {
  readonly lg_name = 'Send'
  readonly node: Node
  readonly args: Args
  readonly timeout?: TimeoutPolicy | undefined

  /** @param options `timeout` overrides the node's own for this task; a number is a run timeout. */
  constructor(node: Node, args: Args, options?: { readonly timeout?: number | TimeoutPolicy | undefined }) {
    this.node = node
    this.args = args
    this.timeout = toTimeoutPolicy(options?.timeout)
  }

  toJSON(): { lg_name: string; node: Node; args: Args; timeout?: TimeoutPolicy | undefined } {
    return { lg_name: this.lg_name, node: this.node, args: this.args, timeout: this.timeout }
  }
}

/** A number of milliseconds as the policy that it stands for. */
export function toTimeoutPolicy(timeout: number | TimeoutPolicy | undefined): TimeoutPolicy | undefined {
  return typeof timeout === 'number' ? { runTimeout: timeout } : timeout
}

/** The key that marks an {@link Overwrite} in plain data. */
const OVERWRITE = '__overwrite__'

/** A value that replaces a channel's instead of meeting its reducer. At most one per channel and superstep. */
export class Overwrite<Value = unknown> {
  readonly lg_name = 'Overwrite'
  readonly __overwrite__: Value

  constructor(value: Value) {
    this.__overwrite__ = value
  }

  get value(): Value {
    return this.__overwrite__
  }

  toJSON(): { __overwrite__: Value } {
    return { __overwrite__: this.__overwrite__ }
  }

  static isInstance<Value>(value: unknown): value is Overwrite<Value> {
    return overwriteOf(value) !== undefined
  }
}

/** What an overwrite carries, in a box of its own since it may be `undefined`; `undefined` when it is none. */
export function overwriteOf(value: unknown): { readonly value: unknown } | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (OVERWRITE in value) return { value: value[OVERWRITE] }
  const typed = value as { type?: unknown; value?: unknown }
  return typed.type === OVERWRITE && 'value' in value ? { value: typed.value } : undefined
}

/** A question that a node asked, as results and snapshots list it. */
export interface Interrupt<Value = unknown> {
  /** 32 hexadecimal digits; the key of its answer in `Command.resume`. */
  readonly id?: string
  readonly value?: Value
  /** JSON Schema of the answer, when the node gave one. */
  readonly response_schema?: unknown
}

/** Whether a result or a chunk says that the run paused. */
export function isInterrupted<Value = unknown>(
  values: unknown,
): values is { [INTERRUPT]: Interrupt<Value>[] } {
  return (
    typeof values === 'object' && values !== null && INTERRUPT in values && Array.isArray(values[INTERRUPT])
  )
}

/** Where a command leads: a node's name, a task with an input of its own, or several. */
export type Goto<Nodes extends string = string> =
  | Nodes
  | SendInterface<Nodes>
  | readonly (Nodes | SendInterface<Nodes>)[]

/** Fields of a {@link Command}. */
export interface CommandParams<
  Resume = unknown,
  Update = Record<string, unknown>,
  Nodes extends string = string,
> {
  readonly lg_name?: 'Command' | undefined
  /** The answer to the pending interrupt, or answers by interrupt id. Input of a run only. */
  readonly resume?: Resume | undefined
  /** {@link Command.PARENT} addresses the nearest parent graph. */
  readonly graph?: string | undefined
  /** Written as if the node had returned it. */
  readonly update?: Update | readonly (readonly [string, unknown])[] | undefined
  /** Which nodes run next, besides those that edges lead to. */
  readonly goto?: Goto<Nodes> | undefined
}

/**
 * An update together with where to go next: what a node returns, or what a run is continued with.
 * @example return new Command({ update: { draft }, goto: 'review' })
 */
export class Command<Resume = unknown, Update = Record<string, unknown>, Nodes extends string = string> {
  static readonly PARENT = '__parent__' as const

  readonly lg_name = 'Command'
  readonly lc_direct_tool_output = true
  graph?: string | undefined
  update?: Update | readonly (readonly [string, unknown])[] | undefined
  resume?: Resume | undefined
  goto: Goto<Nodes>

  constructor(params: CommandParams<Resume, Update, Nodes>) {
    this.resume = params.resume
    this.graph = params.graph
    this.update = params.update
    const goto = params.goto ?? []
    this.goto = (Array.isArray(goto) ? goto : [goto]).map(toTarget) as Goto<Nodes>
  }

  toJSON(): object {
    const goto = gotoList(this).map((target) => (target instanceof Send ? target.toJSON() : target))
    return { lg_name: this.lg_name, update: this.update, resume: this.resume, goto }
  }
}

/** Whether a value is a command, also one that another copy of this package made. */
export function isCommand(value: unknown): value is Command {
  return typeof value === 'object' && value !== null && 'lg_name' in value && value.lg_name === 'Command'
}

/** Whether a value is a `Send`, also one that another copy of this package made. */
export function isSend(value: unknown): value is Send {
  return (
    value instanceof Send ||
    (typeof value === 'object' && value !== null && 'lg_name' in value && value.lg_name === 'Send')
  )
}

/** The targets of a command, always as a list. */
export function gotoList(command: { readonly goto?: unknown }): readonly (string | SendInterface)[] {
  const { goto } = command
  if (goto == null) return []
  return (Array.isArray(goto) ? goto : [goto]) as (string | SendInterface)[]
}

/** A command's update as writes; what is not an object of keys goes to the root. */
export function updateEntries(command: {
  readonly update?: unknown
}): readonly (readonly [string, unknown])[] {
  const { update } = command
  if (Array.isArray(update) && update.every(isEntry)) return update as [string, unknown][]
  if (typeof update === 'object' && update !== null && !Array.isArray(update)) return Object.entries(update)
  return [[ROOT, update]]
}

function isEntry(item: unknown): boolean {
  return Array.isArray(item) && item.length === 2 && typeof item[0] === 'string'
}

function toTarget(target: unknown): unknown {
  if (target instanceof Send || typeof target !== 'object' || target === null) return target
  return isSendShape(target) ? new Send(target.node, target.args, { timeout: target.timeout }) : target
}

/** Whether a plain object has the fields of a `Send`. */
function isSendShape(value: object): value is SendInterface {
  return 'node' in value && typeof value.node === 'string' && 'args' in value && value.args !== undefined
}
