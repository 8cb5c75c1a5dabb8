import type { AttemptReason, Failure, Usage } from '@switchyard/llm/kit'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Principal } from '../auth/principal.ts'
import type { Deployment } from '../deployments/deployments.ts'
import type { UpstreamCall } from '../deployments/upstream.ts'
import type { Parties } from '../ledger/entry.ts'
import type { AutoChoice } from './auto-group.ts'
import type { LlmCall } from './call.ts'
import type { Charge } from './charge.ts'
import type { LlmRoute } from './routes/routes.ts'

/** What travels through `handle()`: one request of a client and what has become of it. */
export interface Exchange {
  /** `x-litellm-call-id` and `x-request-id`. */
  id: string
  route: LlmRoute
  /** Values of the path's parameters. */
  params: Readonly<Record<string, string>>
  request: IncomingMessage
  response: ServerResponse
  startedMs: number
  receipt: Receipt
  /** Who asks; from here on its end is written down. */
  principal?: Principal | undefined
  /** What they ask. */
  call?: LlmCall | undefined
  /** Whom it is charged to. */
  parties?: Parties | undefined
  /** What is held for it. */
  charge?: Charge | undefined
  /** The calls to the provider of the attempt under way. */
  calls?: UpstreamCall[] | undefined
  /** The deployment whose answer is on its way; the router hears when it is complete. */
  answering?: Answering | undefined
  /** It has heard; what is answered from here on is for others that wait for the same. */
  isRouteOver?: boolean | undefined
  /** The id of the request that this one is a copy of; nobody waits for its answer. */
  shadowOf?: string | undefined
  /** What a refusal says of the limit that had no room, as name, value, name, value … */
  refusalHeaders?: readonly string[] | undefined
}

export interface Answering {
  readonly deployment: Deployment
  readonly startedMs: number
  /** Until the answer was there, or began. */
  readonly firstMs: number
}

/** What is known of a request when it is over: what the ledger, the log and the metrics are made from. */
export interface Receipt {
  /** The model as the client named it. */
  model?: string | undefined
  deployment?: Deployment | undefined
  /** The model group that was asked last. */
  group?: string | undefined
  /** Fallbacks that were begun. */
  fallbacks?: number | undefined
  /** What stood behind the name that was asked for, where that was one of several models. */
  auto?: AutoChoice | undefined
  /** How often another deployment went on with its stream. */
  continued?: number | undefined
  /** How often more it might have been tried. */
  maxRetries?: number | undefined
  /** The model that answered, as the provider names it. */
  servedModel?: string | undefined
  status: number
  stream: boolean
  usage?: Usage | undefined
  /** Of all attempts together, as far as they are over. `undefined`: no price is known. */
  costPicoUsd?: bigint | undefined
  failure?: Failure | undefined
  attempts: Attempt[]
  /** The answer's own id. */
  responseId?: string | undefined
  /** Left out: the cache had nothing to do with it. */
  cache?: CacheReceipt | undefined
  /** What only whoever answered can read, and the client sends back; known where it belongs to a deployment. */
  sealed?: readonly string[] | undefined
  /** The address that answered, without its query. */
  apiBase?: string | undefined
  /** Unix time at which a stream began. */
  firstByteMs?: number | undefined
  /** What was answered, where logs keep it: JSON or text. */
  content?: unknown
  /** What was held is given back, and the end is written down. */
  isSettled: boolean
  /** Time spent waiting for providers. */
  upstreamMs: number
  endedMs?: number | undefined
}

/** What the cache had for a request. */
export interface CacheReceipt {
  readonly key: string
  readonly hit: boolean
  /** Who gave the answer when it was new. */
  readonly provider?: string | undefined
  /** How near its question is to the one that was asked, where it was not the same. */
  readonly similarity?: number | undefined
}

export interface Attempt {
  deploymentId: string
  /** The model group that was being asked. */
  group?: string | undefined
  /** What made this deployment the one to ask. */
  why?: AttemptReason | undefined
  /** How it failed; `undefined` for the one that answered. */
  code?: string | undefined
  ms: number
  /** Of one that failed where the provider may have worked: what it is taken to have cost, 0 without a price. */
  estimatedPicoUsd?: bigint | undefined
}

export function createReceipt(): Receipt {
  return { status: 0, stream: false, attempts: [], upstreamMs: 0, isSettled: false }
}
