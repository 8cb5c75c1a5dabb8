import type { Interrupt } from '../control.ts'

const MARK = 'langgraph.graph_callback_handler'

/** The outermost run has paused. */
export interface GraphInterruptEvent {
  readonly runId: string | undefined
  /** `pending` where a node asked; else which list of nodes to pause at it was. */
  readonly status: 'pending' | 'interrupt_before' | 'interrupt_after'
  readonly checkpointId: string
  /** Levels of the graph's namespace. */
  readonly checkpointNs: readonly string[]
  readonly interrupts: readonly Interrupt[]
}

/** A run goes on from where it paused. */
export type GraphResumeEvent = Omit<GraphInterruptEvent, 'interrupts'>

/**
 * Told when a graph pauses and when it goes on, handed over among `callbacks`. It is waited for. What it throws is said
 * on the console; with `raiseError` it ends the run.
 *
 * @example
 * class Observer extends GraphCallbackHandler {
 *   override handleInterrupt({ interrupts }: GraphInterruptEvent) {
 *     console.log(interrupts)
 *   }
 * }
 */
export class GraphCallbackHandler {
  name = 'GraphCallbackHandler'
  raiseError: boolean
  /** LangChain asks these of every handler. */
  readonly awaitHandlers = true
  readonly ignoreLLM = false
  readonly ignoreChain = false
  readonly ignoreAgent = false
  readonly ignoreRetriever = false
  readonly ignoreCustomEvent = false

  constructor(options: { readonly raiseError?: boolean } = {}) {
    this.raiseError = options.raiseError ?? false
    Object.defineProperty(this, Symbol.for(MARK), { value: true })
  }

  handleInterrupt?(event: GraphInterruptEvent): void | Promise<void>

  handleResume?(event: GraphResumeEvent): void | Promise<void>

  /** Whether a value is one, also of another copy of this package or of LangGraph. */
  static isInstance(value: unknown): value is GraphCallbackHandler {
    return isGraphCallbackHandler(value)
  }
}

/** As {@link GraphCallbackHandler.isInstance}. */
export function isGraphCallbackHandler(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.for(MARK) in value
}
