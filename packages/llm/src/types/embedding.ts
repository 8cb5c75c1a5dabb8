import type { JsonObject } from './json.ts'
import type { MediaSource } from './message.ts'
import type { Usage } from './usage.ts'

/** One thing to embed: text, token ids, or (where a model can) an image beside text. */
export type EmbeddingInput =
  | { type: 'text'; text: string }
  | { type: 'tokens'; tokens: number[] }
  | { type: 'image'; source: MediaSource; text?: string | undefined }

export interface EmbeddingRequest {
  model: string
  inputs: EmbeddingInput[]
  dimensions?: number | undefined
  /** `base64` asks for little-endian float32, as OpenAI's clients do by default. */
  encodingFormat?: 'float' | 'base64' | undefined
  /** What the vectors are for: Cohere and Voyage `input_type`, Gemini `taskType`. The provider's own word. */
  inputType?: string | undefined
  user?: string | undefined
  extra?: JsonObject | undefined
}

export interface EmbeddingAnswer {
  model: string
  /** One vector an input, in the order of the inputs. */
  embeddings: number[][]
  usage?: Usage | undefined
}
