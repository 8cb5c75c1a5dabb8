import type { Command, Interrupt } from './control.ts'

/**
 * Every failure of a graph that has a code, and what to do about it. The upper-case ones are LangGraph's.
 * The hint ends the message.
 */
export const GRAPH_FAILURES = {
  GRAPH_RECURSION_LIMIT:
    'Raise `recursionLimit` when the run is long; give the cycle a way to END when it is stuck.',
  INVALID_CONCURRENT_GRAPH_UPDATE: 'Give the key a reducer, or let one node alone write it.',
  INVALID_GRAPH_NODE_RETURN_VALUE:
    'Return an object with the keys to update, a Command, a list of them, or nothing.',
  MISSING_CHECKPOINTER: 'Compile the graph with a checkpointer, for example `new MemorySaver()`.',
  MULTIPLE_SUBGRAPHS: 'Call subgraphs one after another.',
  UNREACHABLE_NODE: 'Lead an edge to it, or name it in the `ends` of the node that goes there.',
  thread_conflict: 'Another run moved this thread on. Read its state and run again.',
  thread_not_found: 'Start the thread with an input first, or check its id.',
  checkpoint_not_found: 'List the thread with `getStateHistory` for the checkpoints that exist.',
  checkpoint_corrupt: 'An older checkpoint of the thread may still be readable: see `getStateHistory`.',
  storage_unavailable:
    'Bring the storage back, then go on with `invoke(null)`: the thread stands at its last stored checkpoint.',
  state_not_serializable: 'Keep it out of the state, mark its key as untracked, or return plain data.',
  graph_version_mismatch:
    'Deploy the node again, or give `compile` a `migrate` hook that moves the thread to what exists.',
  no_pending_interrupt: 'Nothing waits for an answer on this thread: start it with an input instead.',
  interrupt_not_found: 'Answer one of the interrupts that `getState` lists.',
  resume_value_invalid: 'The interrupt stays open: answer with a value that fits its schema.',
  reducer_error: 'The reducer threw: it must accept every update that nodes may return.',
  run_cancelled: 'The run was aborted; its last checkpoint is kept and `invoke(null)` goes on from there.',
  run_budget_exceeded: 'Raise the budget of the run, or continue it later with `invoke(null)`.',
  invalid_state_key: 'Choose another key.',
  invalid_id: 'Use a non-empty string.',
  invalid_checkpointer:
    'Give one that implements `Checkpointer`, or one made for LangGraph: it has `getTuple`, `list`, `put` and `putWrites`.',
} as const

/** A failure's code: LangGraph's in upper case, ours in lower case. */
export type GraphErrorCode = keyof typeof GRAPH_FAILURES

/** What further is known of a failure. */
export interface GraphErrorFields {
  readonly lc_error_code?: GraphErrorCode | undefined
  readonly cause?: unknown
}

/** Every error that a graph itself raises. */
export class BaseLangGraphError extends Error {
  /** The class's name, which minifiers leave alone; failures are told apart by it. */
  static readonly unminifiable_name: string = 'BaseLangGraphError'
  /** The code, under the name that programs for LangGraph look it up by. */
  lc_error_code?: GraphErrorCode | undefined

  constructor(message = '', fields?: GraphErrorFields) {
    const code = fields?.lc_error_code
    const hint = code === undefined ? '' : `\n\n${GRAPH_FAILURES[code]} (${code})\n`
    super(message + hint, fields?.cause === undefined ? undefined : { cause: fields.cause })
    this.name = new.target.unminifiable_name
    this.lc_error_code = code
  }

  /** The same code, under our own name. */
  get code(): GraphErrorCode | undefined {
    return this.lc_error_code
  }
}

/** Not a failure: leaves a node on its way up through the graphs around it. Never catch it for good. */
export class GraphBubbleUp extends BaseLangGraphError {
  static override readonly unminifiable_name: string = 'GraphBubbleUp'

  get is_bubble_up(): boolean {
    return true
  }
}

/** The run took as many supersteps as it may. */
export class GraphRecursionError extends BaseLangGraphError {
  static override readonly unminifiable_name: string = 'GraphRecursionError'
}

/** A graph was used in a way that its set-up does not allow. */
export class GraphValueError extends BaseLangGraphError {
  static override readonly unminifiable_name: string = 'GraphValueError'
}

/** A node asks; the run pauses. */
export class GraphInterrupt extends GraphBubbleUp {
  static override readonly unminifiable_name: string = 'GraphInterrupt'
  interrupts: Interrupt[]

  constructor(interrupts: Interrupt[] = [], fields?: GraphErrorFields) {
    super(describeInterrupts(interrupts), fields)
    this.interrupts = interrupts
  }
}

function describeInterrupts(interrupts: readonly Interrupt[]): string {
  try {
    return JSON.stringify(interrupts, null, 2)
  } catch {
    return `${interrupts.length} interrupts`
  }
}

/** The older way to pause: thrown by a node, answered by running the node again. */
export class NodeInterrupt extends GraphInterrupt {
  static override readonly unminifiable_name: string = 'NodeInterrupt'

  constructor(message: unknown, fields?: GraphErrorFields) {
    super([{ value: message }], fields)
  }
}

/** A command for the graph around this one. */
export class ParentCommand extends GraphBubbleUp {
  static override readonly unminifiable_name: string = 'ParentCommand'
  command: Command

  constructor(command: Command) {
    super()
    this.command = command
  }
}

/** The run stopped between two supersteps because it was asked to; `invoke(null)` continues it. */
export class GraphDrained extends GraphBubbleUp {
  static override readonly unminifiable_name: string = 'GraphDrained'
  readonly reason: string

  constructor(reason = 'shutdown') {
    super(`Graph drained: ${reason}`)
    this.reason = reason
  }
}

/** What an error handler is told of the failure it handles. */
export class NodeError {
  static readonly unminifiable_name: string = 'NodeError'
  /** Name of the node that failed. */
  node: string
  /** What it threw. */
  error: Error

  constructor(node: string, error: Error) {
    this.node = node
    this.error = error
  }
}

/** An attempt took longer than its node's policy allows. Retried like any other failure. */
export class NodeTimeoutError extends BaseLangGraphError {
  static override readonly unminifiable_name: string = 'NodeTimeoutError'
  node: string
  /** Which limit it was. */
  kind: 'run' | 'idle'
  /** The limit that was passed, in milliseconds. */
  timeout: number
  /** Milliseconds since the attempt began. */
  elapsed: number
  runTimeout?: number | undefined
  idleTimeout?: number | undefined

  constructor(fields: {
    readonly node: string
    readonly elapsed: number
    readonly kind: 'run' | 'idle'
    readonly runTimeout?: number | undefined
    readonly idleTimeout?: number | undefined
  }) {
    const timeout = fields.kind === 'idle' ? fields.idleTimeout : fields.runTimeout
    if (timeout === undefined) throw new Error(`${fields.kind}Timeout is required when kind='${fields.kind}'`)
    super(
      fields.kind === 'idle'
        ? `Node "${fields.node}" exceeded its idle timeout of ${timeout}ms without making progress (elapsed: ${fields.elapsed}ms).`
        : `Node "${fields.node}" exceeded its run timeout of ${timeout}ms (elapsed: ${fields.elapsed}ms).`,
    )
    this.node = fields.node
    this.kind = fields.kind
    this.timeout = timeout
    this.elapsed = fields.elapsed
    this.runTimeout = fields.runTimeout
    this.idleTimeout = fields.idleTimeout
  }
}

/** There is nothing to run: no input, and nothing to resume. */
export class EmptyInputError extends BaseLangGraphError {
  static override readonly unminifiable_name: string = 'EmptyInputError'
}

/** A channel was read before anything was written to it. */
export class EmptyChannelError extends BaseLangGraphError {
  static override readonly unminifiable_name: string = 'EmptyChannelError'
}

/** An update does not fit: its shape, its key, or that another node wrote the same key. */
export class InvalidUpdateError extends BaseLangGraphError {
  static override readonly unminifiable_name: string = 'InvalidUpdateError'
}

/** Kept for programs that name it; nothing throws it any more. */
export class MultipleSubgraphsError extends BaseLangGraphError {
  static override readonly unminifiable_name: string = 'MultipleSubgraphError'
}

/** No edge leads to a node. */
export class UnreachableNodeError extends BaseLangGraphError {
  static override readonly unminifiable_name: string = 'UnreachableNodeError'
}

/** A graph that runs elsewhere failed. */
export class RemoteException extends BaseLangGraphError {
  static override readonly unminifiable_name: string = 'RemoteException'
}

/** What a state graph was made from is no state definition. */
export class StateGraphInputError extends BaseLangGraphError {
  static override readonly unminifiable_name: string = 'StateGraphInputError'

  constructor(fields?: GraphErrorFields) {
    super(
      'Invalid StateGraph input. Make sure to pass a valid StateDefinition, Annotation.Root, or Zod schema.',
      fields,
    )
  }
}

/** An answer names an interrupt that does not wait, or does not say which of several it is for. */
export class UnknownInterruptError extends BaseLangGraphError {
  static override readonly unminifiable_name: string = 'UnknownInterruptError'
  readonly interruptIds: readonly string[]
  readonly pendingIds: readonly string[]

  constructor(message: string, interruptIds: readonly string[], pendingIds: readonly string[]) {
    super(message, { lc_error_code: 'interrupt_not_found' })
    this.interruptIds = interruptIds
    this.pendingIds = pendingIds
  }
}

/** An answer does not fit the schema that its question came with. The question stays open. */
export class InvalidResumeError extends BaseLangGraphError {
  static override readonly unminifiable_name: string = 'InvalidResumeError'
  /** What the validator found. */
  readonly issues: readonly unknown[]

  constructor(message: string, issues: readonly unknown[]) {
    super(message, { lc_error_code: 'resume_value_invalid' })
    this.issues = issues
  }
}

/** A run's budget of steps, time, tokens or money is used up. */
export class RunBudgetError extends BaseLangGraphError {
  static override readonly unminifiable_name: string = 'RunBudgetError'
  /** Which budget it was. */
  readonly budget: 'maxSteps' | 'deadline' | 'maxTokens' | 'maxCostPicoUsd'

  constructor(budget: RunBudgetError['budget'], message: string) {
    super(message, { lc_error_code: 'run_budget_exceeded' })
    this.budget = budget
  }
}

const nameOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null ? (error as { name?: unknown }).name : undefined

/** Whether something thrown is on its way up rather than a failure. */
export function isGraphBubbleUp(error?: unknown): error is GraphBubbleUp {
  return typeof error === 'object' && error !== null && (error as GraphBubbleUp).is_bubble_up === true
}

/** Whether something thrown is a pause. */
export function isGraphInterrupt(error?: unknown): error is GraphInterrupt {
  const name = nameOf(error)
  return name === 'GraphInterrupt' || name === 'NodeInterrupt'
}

/** Whether something thrown is a command for the graph around. */
export function isParentCommand(error?: unknown): error is ParentCommand {
  return nameOf(error) === 'ParentCommand'
}

/** Whether something thrown is the end of a drained run. */
export function isGraphDrained(error?: unknown): error is GraphDrained {
  return nameOf(error) === 'GraphDrained'
}

/** Whether something thrown says that an answer did not fit, or was caused by such a thing. */
export function isInvalidResume(error?: unknown): boolean {
  for (
    let cause = error;
    typeof cause === 'object' && cause !== null;
    cause = (cause as { cause?: unknown }).cause
  ) {
    if (nameOf(cause) === 'InvalidResumeError') return true
  }
  return false
}

/** Whether something thrown is a node's time-out. */
export function isNodeTimeoutError(error?: unknown): error is NodeTimeoutError {
  return nameOf(error) === 'NodeTimeoutError'
}

/** Whether a value is what error handlers are told. */
export function isNodeError(value?: unknown): value is NodeError {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value.constructor as { unminifiable_name?: unknown } | undefined)?.unminifiable_name === 'NodeError'
  )
}

/** Whatever was thrown, as an error. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown && 'name' in thrown)
    return thrown as Error
  return new Error(String(thrown), { cause: thrown })
}
