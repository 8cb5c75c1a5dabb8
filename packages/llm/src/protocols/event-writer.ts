import type { Finish } from '../types/answer.ts'
import type {
  FinishEvent,
  PartEvent,
  ReasoningEndEvent,
  StartEvent,
  StreamEvent,
  ToolCallStartEvent,
} from '../types/event.ts'
import type { Failure } from '../types/failure.ts'
import type { Annotation, DialectFields } from '../types/message.ts'
import type { Usage } from '../types/usage.ts'

type Running = 'text' | 'reasoning' | 'refusal'

interface ChoiceState {
  running: Running | undefined
  index: number
  lastText: number | undefined
}

/** Opaque fields of a reasoning block, gathered until it ends. */
export type ReasoningProof = Omit<ReasoningEndEvent, 'type' | 'index'>

/** What some wires know of a text or of thinking when it begins. */
export interface BlockHead {
  itemId?: string | undefined
  dialect?: DialectFields | undefined
}

/**
 * Writes events in the order that `StreamEvent` promises, for parsers that only see deltas: opens a
 * block when its first delta comes, ends it when another kind of delta follows, and never lets
 * anything follow the end.
 */
export class EventWriter {
  #events: StreamEvent[] = []
  #next = 0
  #started = false
  #done = false
  #choices = new Map<number, ChoiceState>()
  #tools = new Map<string | number, { index: number; signature: string | undefined }>()
  #proofs = new Map<number, ReasoningProof>()

  /** Whether `finish` or `error` has been written. */
  get done(): boolean {
    return this.#done
  }

  get started(): boolean {
    return this.#started
  }

  /** The events since the last call. */
  take(): StreamEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  /** Only the first call counts. */
  start(event: Omit<StartEvent, 'type'>): void {
    if (this.#started || this.#done) return
    this.#started = true
    this.#events.push({ type: 'start', ...event })
  }

  text(delta: string, choice = 0): void {
    const index = this.#open('text', choice)
    if (index !== undefined && delta !== '') this.#events.push({ type: 'text-delta', index, text: delta })
  }

  reasoning(delta: string, choice = 0): void {
    const index = this.#open('reasoning', choice)
    if (index !== undefined && delta !== '')
      this.#events.push({ type: 'reasoning-delta', index, text: delta })
  }

  refusal(delta: string, choice = 0): void {
    const index = this.#open('refusal', choice)
    if (index !== undefined && delta !== '') this.#events.push({ type: 'refusal-delta', index, text: delta })
  }

  /** Begins a text or thinking of its own, even where one of the same kind runs. */
  begin(kind: 'text' | 'reasoning', head: BlockHead, choice = 0): void {
    this.endRunning(choice)
    this.#open(kind, choice, head)
  }

  /** Adds opaque fields to the running reasoning block, opening one where none runs. */
  reasoningProof(proof: ReasoningProof, choice = 0): void {
    const index = this.#open('reasoning', choice)
    if (index === undefined) return
    const known = this.#proofs.get(index)
    const signature =
      known?.signature !== undefined && proof.signature !== undefined
        ? known.signature + proof.signature
        : (proof.signature ?? known?.signature)
    const details =
      known?.details !== undefined && proof.details !== undefined
        ? [...known.details, ...proof.details]
        : (proof.details ?? known?.details)
    this.#proofs.set(index, { ...known, ...proof, signature, details })
  }

  /** Ends the running text, reasoning or refusal block of a choice. */
  endRunning(choice = 0, signature?: string): void {
    const state = this.#choices.get(choice)
    if (state?.running === undefined) return
    const index = state.index
    if (state.running === 'reasoning') {
      this.#events.push({ type: 'reasoning-end', index, ...this.#proofs.get(index) })
      this.#proofs.delete(index)
    } else if (state.running === 'text') {
      this.#events.push({ type: 'text-end', index, ...(signature === undefined ? {} : { signature }) })
    } else {
      this.#events.push({ type: 'refusal-end', index })
    }
    state.running = undefined
  }

  /** Begins a tool call under a key of the caller's choosing. A key that is in use is ended first. */
  toolStart(key: string | number, call: Omit<ToolCallStartEvent, 'type' | 'index'>): void {
    if (this.#done) return
    this.#begin()
    this.toolEnd(key)
    this.endRunning(call.choice ?? 0)
    const index = this.#next++
    this.#tools.set(key, { index, signature: undefined })
    this.#events.push({ type: 'tool-call-start', index, ...call })
  }

  toolDelta(key: string | number, text: string): void {
    const tool = this.#tools.get(key)
    if (tool !== undefined && text !== '' && !this.#done)
      this.#events.push({ type: 'tool-call-delta', index: tool.index, arguments: text })
  }

  toolSignature(key: string | number, signature: string): void {
    const tool = this.#tools.get(key)
    if (tool !== undefined) tool.signature = signature
  }

  toolEnd(key: string | number): void {
    const tool = this.#tools.get(key)
    if (tool === undefined || this.#done) return
    this.#tools.delete(key)
    const { index, signature } = tool
    this.#events.push({ type: 'tool-call-end', index, ...(signature === undefined ? {} : { signature }) })
  }

  /** Whether any tool call has begun, ended or not. */
  hasOpenTool(key: string | number): boolean {
    return this.#tools.has(key)
  }

  part(part: PartEvent['part'], choice = 0): void {
    if (this.#done) return
    this.#begin()
    this.endRunning(choice)
    const place = choice === 0 ? {} : { choice }
    this.#events.push({ type: 'part', index: this.#next++, ...place, part })
  }

  /** Adds a source to the last text of a choice; opens an empty text where there was none. */
  annotation(annotation: Annotation, choice = 0): void {
    if (this.#done) return
    const index = this.#choices.get(choice)?.lastText ?? this.#open('text', choice)
    if (index !== undefined) this.#events.push({ type: 'annotation', index, annotation })
  }

  /** For events without state of their own (`logprobs`). */
  write(event: Extract<StreamEvent, { type: 'logprobs' }>): void {
    if (this.#done) return
    this.#begin()
    this.#events.push(event)
  }

  /** Ends every open block, then the stream. */
  finish(event: Omit<FinishEvent, 'type'> & Finish): void {
    if (this.#done) return
    this.#begin()
    this.#endAll()
    this.#done = true
    this.#events.push({ type: 'finish', ...event })
  }

  /** Ends every open block, then the stream, as failed. */
  error(failure: Failure, usage?: Usage): void {
    if (this.#done) return
    this.#begin()
    this.#endAll()
    this.#done = true
    this.#events.push({ type: 'error', failure, ...(usage === undefined ? {} : { usage }) })
  }

  /** Some services leave out their own first event. */
  #begin(): void {
    this.start({ id: '', model: '' })
  }

  #endAll(): void {
    for (const choice of this.#choices.keys()) this.endRunning(choice)
    for (const key of this.#tools.keys()) this.toolEnd(key)
  }

  #open(kind: Running, choice: number, head: BlockHead = {}): number | undefined {
    if (this.#done) return undefined
    this.#begin()
    let state = this.#choices.get(choice)
    if (state === undefined) {
      state = { running: undefined, index: -1, lastText: undefined }
      this.#choices.set(choice, state)
    }
    if (state.running === kind) return state.index
    this.endRunning(choice)
    state.running = kind
    state.index = this.#next++
    if (kind === 'text') state.lastText = state.index
    const place = choice === 0 ? {} : { choice }
    this.#events.push({ type: `${kind}-start`, index: state.index, ...place, ...head })
    return state.index
  }
}
