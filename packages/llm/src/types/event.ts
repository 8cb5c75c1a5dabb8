import type { AnswerPart, Annotation, DialectFields } from './message.ts'
import type { Finish } from './answer.ts'
import type { Failure } from './failure.ts'
import type { Json, JsonObject } from './json.ts'
import type { Usage } from './usage.ts'

/**
 * What happens while an answer arrives, in this order:
 *
 * 1. one `start`;
 * 2. blocks. A text, reasoning, refusal or tool call block is its `…-start`, any number of `…-delta`
 *    and its `…-end`, all with the same `index`; blocks of different indexes may interleave, an index
 *    is used once. Things that come whole are one `part`. An `annotation` names a text block that has
 *    begun, `logprobs` a choice. Every block that began has ended before 3;
 * 3. exactly one of `finish` and `error`, and nothing after it.
 *
 * A failure after `start` is an `error` event, never an exception.
 */
export type StreamEvent =
  | StartEvent
  | TextStartEvent
  | TextDeltaEvent
  | TextEndEvent
  | ReasoningStartEvent
  | ReasoningDeltaEvent
  | ReasoningEndEvent
  | RefusalStartEvent
  | RefusalDeltaEvent
  | RefusalEndEvent
  | ToolCallStartEvent
  | ToolCallDeltaEvent
  | ToolCallEndEvent
  | PartEvent
  | AnnotationEvent
  | LogprobsEvent
  | FinishEvent
  | ErrorEvent

export interface StartEvent {
  type: 'start'
  /** The provider's id of the answer; empty where it sends none. */
  id: string
  model: string
  createdS?: number | undefined
  serviceTier?: string | undefined
  systemFingerprint?: string | undefined
  /** What is known of the usage before the first token (Anthropic tells the input). */
  usage?: Usage | undefined
}

interface Block {
  /** Which block of the answer, counted from 0 in order of appearance over all choices. */
  index: number
}

interface BlockStart extends Block {
  /** Which of `n` choices it belongs to; 0 when left out. */
  choice?: number | undefined
}

export interface TextStartEvent extends BlockStart {
  type: 'text-start'
  dialect?: DialectFields | undefined
}
export interface TextDeltaEvent extends Block {
  type: 'text-delta'
  text: string
}
export interface TextEndEvent extends Block {
  type: 'text-end'
  signature?: string | undefined
}

export interface ReasoningStartEvent extends BlockStart {
  type: 'reasoning-start'
  itemId?: string | undefined
  dialect?: DialectFields | undefined
}
export interface ReasoningDeltaEvent extends Block {
  type: 'reasoning-delta'
  text: string
}
/** The opaque fields of `ReasoningPart`, known when the block is whole. */
export interface ReasoningEndEvent extends Block {
  type: 'reasoning-end'
  signature?: string | undefined
  redacted?: string | undefined
  itemId?: string | undefined
  encrypted?: string | undefined
  details?: Json[] | undefined
}

export interface RefusalStartEvent extends BlockStart {
  type: 'refusal-start'
}
export interface RefusalDeltaEvent extends Block {
  type: 'refusal-delta'
  text: string
}
export interface RefusalEndEvent extends Block {
  type: 'refusal-end'
}

export interface ToolCallStartEvent extends BlockStart {
  type: 'tool-call-start'
  id: string
  name: string
  itemId?: string | undefined
  custom?: boolean | undefined
  dialect?: DialectFields | undefined
}
export interface ToolCallDeltaEvent extends Block {
  type: 'tool-call-delta'
  /** A piece of the arguments' JSON text. */
  arguments: string
}
export interface ToolCallEndEvent extends Block {
  type: 'tool-call-end'
  signature?: string | undefined
}

/** A part of the answer that arrives whole. */
export interface PartEvent extends BlockStart {
  type: 'part'
  part: Exclude<AnswerPart, { type: 'text' | 'reasoning' | 'refusal' | 'tool-call' }>
}

export interface AnnotationEvent extends Block {
  type: 'annotation'
  annotation: Annotation
}

export interface LogprobsEvent {
  type: 'logprobs'
  choice?: number | undefined
  /** As OpenAI writes them: `{ content: [...], refusal: [...] }`, the tokens since the last such event. */
  logprobs: Json
}

export interface FinishEvent extends Finish {
  type: 'finish'
  usage?: Usage | undefined
  /** The ends of choices 1, 2 … when more than one was asked for. */
  otherChoices?: Finish[] | undefined
  /** Where the provider tells these only at the end. */
  model?: string | undefined
  serviceTier?: string | undefined
  metadata?: JsonObject | undefined
}

export interface ErrorEvent {
  type: 'error'
  failure: Failure
  /** Usage known so far. */
  usage?: Usage | undefined
}
