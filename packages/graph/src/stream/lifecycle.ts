import { NAMESPACE_END } from '../constants.ts'
import type { ProtocolEvent } from './protocol.ts'

/** What has become of a graph. */
export type LifecycleStatus = 'running' | 'started' | 'completed' | 'failed' | 'interrupted'

/** A graph of a run, as it begins and ends. */
export interface LifecycleEntry {
  /** Its place in the run: levels of subgraphs, outermost first. */
  readonly namespace: readonly string[]
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly event: LifecycleStatus
  /** `root`, or the node that the graph runs in. */
  readonly graph_name: string
  readonly error?: string | undefined
}

/** What an entry is on the wire, besides where and when. */
export type LifecycleData = Omit<LifecycleEntry, 'namespace' | 'timestamp'>

type Report = Omit<ProtocolEvent, 'seq' | 'type'>

/** What of a task's end is looked at; a task that begins has no result. */
interface EndOfTask {
  readonly id: string
  readonly name: string
  readonly result?: unknown
  readonly error?: unknown
  readonly interrupts?: readonly unknown[]
}

const messageOf = (error: unknown): string => {
  const { message } = (error ?? {}) as { readonly message?: unknown }
  return typeof message === 'string' ? message : String(error)
}

/** Tells of graphs as they begin and end, from what else happens in a run: a subgraph begins with its first event. */
export class Lifecycle {
  readonly #open: Map<string, readonly string[]> = new Map()
  readonly #emit: (namespace: readonly string[], data: LifecycleData) => void

  constructor(emit: (namespace: readonly string[], data: LifecycleData) => void) {
    this.#emit = emit
  }

  begin(): void {
    this.#emit([], { event: 'running', graph_name: 'root' })
  }

  /** To be called before the event is told: a graph has begun before anything happens in it, and ends before its task. */
  see({ method, params: { namespace, data } }: Report): void {
    for (let depth = 1; depth <= namespace.length; depth += 1) this.#start(namespace.slice(0, depth))
    if (method !== 'tasks') return
    const task = data as EndOfTask
    if (!('result' in task)) return
    const place = [...namespace, `${task.name}${NAMESPACE_END}${task.id}`]
    const status = task.error !== undefined ? 'failed' : task.interrupts?.length ? 'interrupted' : 'completed'
    this.#end(place, status, task.error)
  }

  /** The run is over. */
  end(status: LifecycleStatus, error?: unknown): void {
    for (const place of [...this.#open.values()].toReversed()) this.#end(place, status, error)
    const problem = status === 'failed' ? { error: messageOf(error) } : {}
    this.#emit([], { event: status, graph_name: 'root', ...problem })
  }

  #start(place: readonly string[]): void {
    const key = place.join('|')
    if (this.#open.has(key)) return
    this.#open.set(key, place)
    this.#emit(place, { event: 'started', graph_name: nameOf(place) })
  }

  #end(place: readonly string[], event: LifecycleStatus, error: unknown): void {
    if (!this.#open.delete(place.join('|'))) return
    const problem = event === 'failed' ? { error: messageOf(error) } : {}
    this.#emit(place, { event, graph_name: nameOf(place), ...problem })
  }
}

const nameOf = (place: readonly string[]): string => place.at(-1)?.split(NAMESPACE_END)[0] ?? 'root'
