import type { Failure } from '../types/failure.ts'
import type { Rates } from '../types/model.ts'
import type { Usage } from '../types/usage.ts'

/** The calls of a client, by LiteLLM's names for them. */
export type CallType =
  | 'completion'
  | 'text_completion'
  | 'embedding'
  | 'responses'
  | 'rerank'
  | 'transcription'

/** Where one attempt went. */
export interface AttemptPlace {
  /** Without the provider's prefix. */
  model: string
  provider: string
  apiBase?: string | undefined
  /** The deployment of a router, and the group that it serves. */
  modelId?: string | undefined
  modelGroup?: string | undefined
}

/** One try at one provider. */
export interface Attempt extends AttemptPlace {
  startMs: number
  latencyMs: number
  /** Why another one was needed, or why the call failed. */
  failure?: Failure | undefined
}

/** What a call cost, in pico-USD. */
export interface CallCost {
  inputPicoUsd: bigint
  outputPicoUsd: bigint
  toolPicoUsd: bigint
  totalPicoUsd: bigint
}

/** One call as its caller made it, with everything that was tried for it. */
export interface CallRecord {
  id: string
  /** Shared by calls that belong together: the caller's `litellm_trace_id` or `metadata.trace_id`, else the call's own. */
  traceId: string
  callType: CallType
  stream: boolean
  /** The model as the caller named it. */
  model: string
  /** The request without keys, addresses and other settings of the call. */
  request: Readonly<Record<string, unknown>>
  metadata: Readonly<Record<string, unknown>>
  startMs: number
  endMs?: number | undefined
  /** When the first token of a stream came. */
  firstTokenMs?: number | undefined
  attempts: Attempt[]
  /** The one that answered. */
  served?: AttemptPlace | undefined
  usage?: Usage | undefined
  /** Prices of what answered. */
  rates?: Rates | undefined
  /** `undefined`: the model has no known price. It never means free. */
  cost?: CallCost | undefined
  /** What streams have cost that broke, and that others went on with. */
  brokenCosts?: CallCost[] | undefined
  cacheHit?: boolean | undefined
  cacheKey?: string | undefined
  /** In OpenAI's shape; of a stream, what came of it put together. */
  response?: object | undefined
  failure?: Failure | undefined
}
