/**
 * One request's money is two records in the journal: `opening` before a provider is asked, `closing` before the
 * last byte goes to the client. Both carry the request's id, and writing one again changes nothing.
 */
export type LedgerRecord = OpeningRecord | ClosingRecord

/** Who a request is charged to. */
export interface Parties {
  /** SHA-256 of the key; `master` for the master key, empty where the gateway has none. */
  readonly keyHash: string
  readonly keyAlias?: string | undefined
  readonly userId?: string | undefined
  readonly teamId?: string | undefined
  readonly organizationId?: string | undefined
  readonly endUserId?: string | undefined
  readonly agentId?: string | undefined
  readonly runId?: string | undefined
  readonly tags: readonly string[]
}

export interface OpeningRecord {
  readonly type: 'opening'
  readonly requestId: string
  readonly owner: string
  readonly atMs: number
  readonly holdPicoUsd: bigint
  readonly parties: Parties
  /** Every counted scope and its windows, as `scopeName()` and `windowAt()` name them. */
  readonly lines: readonly (readonly [scope: string, windowId: string])[]
  /** LiteLLM's word for the kind of call: `acompletion`, `aembedding` … */
  readonly callType: string
  /** The path that was asked. */
  readonly endpoint: string
  readonly modelGroup?: string | undefined
}

export type EntryState = 'settled' | 'released' | 'estimated'

export interface ClosingRecord {
  readonly type: 'closing'
  readonly requestId: string
  readonly settledMs: number
  readonly state: EntryState
  readonly costPicoUsd: bigint
  /** Made by another process, which knows only what was held: it gives way to what the request's own process tells. */
  readonly isPresumed?: boolean | undefined
  readonly log: RequestLog
}

/** What a request was, for reports and for people. */
export interface RequestLog {
  /** The answer's own id, where it has one. */
  readonly responseId?: string | undefined
  readonly status: 'success' | 'failure'
  readonly statusCode: number
  readonly startedMs: number
  readonly firstByteMs?: number | undefined
  readonly model?: string | undefined
  readonly deploymentId?: string | undefined
  readonly provider?: string | undefined
  readonly apiBase?: string | undefined
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  readonly usageSource?: 'provider' | 'estimated' | undefined
  readonly cacheHit: boolean
  readonly requesterIp?: string | undefined
  readonly sessionId?: string | undefined
  readonly attempts: readonly LoggedAttempt[]
  /** Usage as the provider gave it, the error, metadata of the request. Holds no secret. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** Only with `store_prompts_in_spend_logs`. */
  readonly messages?: string | undefined
  readonly response?: string | undefined
}

export interface LoggedAttempt {
  readonly deploymentId: string
  /** The model group that was being asked. */
  readonly group?: string | undefined
  /** What made this deployment the one to ask: `picked`, `only_one`, `failover`, `retry`, `fallback`, `probe`. */
  readonly why?: string | undefined
  /** How it failed; left out for the one that answered. */
  readonly code?: string | undefined
  readonly ms: number
  readonly costPicoUsd: bigint
  /** Nobody knows what it cost; left out where the provider's usage says. */
  readonly estimated?: boolean | undefined
}

/** What a name that nobody serves counts as: it may be anything, and sums by name would never end. LiteLLM's word. */
export const UNKNOWN_MODEL = 'unknown-model'
