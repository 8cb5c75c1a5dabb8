import type { JsonObject, Json } from './json.ts'
import type { AnswerPart } from './message.ts'
import type { Usage } from './usage.ts'

/** Why an answer ended. `other` stands for reasons that are not in the list; the raw word is kept beside it. */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'error' | 'other'

/** A whole answer: the same meaning as its event stream, collected. */
export interface Answer {
  /** The provider's id of the answer; empty where it sends none. */
  id: string
  /** The model that answered, as the provider names it; empty where it does not. */
  model: string
  /** Unix time in seconds, where the provider gives it. */
  createdS?: number | undefined
  choices: AnswerChoice[]
  /** Left out when the provider reported none. */
  usage?: Usage | undefined
  serviceTier?: string | undefined
  systemFingerprint?: string | undefined
  /** What else the provider said about the answer as a whole and our form has no place for. */
  metadata?: JsonObject | undefined
}

export interface AnswerChoice {
  parts: AnswerPart[]
  finish: Finish
  /** Log probabilities as OpenAI writes them. */
  logprobs?: Json | undefined
}

export interface Finish {
  reason: FinishReason
  /** The provider's own word, `undefined` when it sent none. */
  rawReason?: string | undefined
  stopSequence?: string | undefined
}
