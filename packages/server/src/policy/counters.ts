import type { Scope } from './scope.ts'

/**
 * Decides whether a request may go on, and keeps what it may use until its end is known.
 *
 * Everything a request needs is taken in one step or not at all. Money that is held stays held until `settle`,
 * or until its lease ends and somebody settles it as estimated. With counters in memory `admit` and `settle`
 * answer at once; with a shared store they are one round trip each.
 */
export interface Counters {
  /**
   * Takes all lines of an admission, or none. Repeated with a request id that is open or closed: gives the first
   * answer again and takes nothing more.
   *
   * @throws `CountersUnavailable` when the store cannot be asked within its deadline.
   */
  admit: (admission: Admission) => AdmissionResult | Promise<AdmissionResult>
  /**
   * Grows the hold of a request that is asked once more after it may have cost something. False: there is no room,
   * nothing was taken.
   */
  extend: (requestId: string, morePicoUsd: bigint) => boolean | Promise<boolean>
  /** Replaces the hold by what the request really used. Idempotent; an estimate is corrected by a later truth. */
  settle: (settlement: Settlement) => void | Promise<void>
  /** What a scope has spent in a window, and what is held for requests under way. */
  read: (lines: readonly BudgetKey[]) => Promise<readonly BudgetState[]>
  /** Keeps the holds of this owner alive. Called every third of a lease. */
  renew: (owner: string, nowMs: number) => void | Promise<void>
  /**
   * Holds of others whose lease has ended, at most `limit`: each is given to one caller only, which then settles it.
   * A caller's own never are: it knows best that it lives.
   */
  takeOrphans: (owner: string, nowMs: number, limit: number) => Promise<readonly Orphan[]>
  close: () => Promise<void>
}

export interface BudgetKey {
  readonly scope: Scope
  /** `windowAt()` names it. */
  readonly windowId: string
}

/** Money of one scope in one window. */
export interface BudgetLine extends BudgetKey {
  /** Left out: counted only. */
  readonly maxPicoUsd?: bigint | undefined
}

/** Requests or tokens in a window of a minute that the first request opens. */
export interface RateLine {
  readonly scope: Scope
  readonly unit: 'requests' | 'tokens'
  readonly max: number
  /** 1 for requests; for tokens the most that this request can use, corrected when it is settled. */
  readonly amount: number
}

/** Requests under way at once. */
export interface ParallelLine {
  readonly scope: Scope
  readonly max: number
}

/**
 * What the request can cost. Where the client names its own maximum all four are equal. Else the hold is what the
 * model's maximum would cost, but at most a tenth of what the tightest budget has left, or `floorPicoUsd`,
 * whichever is more, and never more than is left; below `leastPicoUsd` the request is refused.
 */
export interface HoldRange {
  /** Input and the most output that the model gives. */
  readonly wantedPicoUsd: bigint
  /** Input and 4,096 tokens of output. */
  readonly floorPicoUsd: bigint
  /** Input and the least output that makes sense. */
  readonly leastPicoUsd: bigint
}

export interface Admission {
  readonly requestId: string
  /** The instance that will settle it. */
  readonly owner: string
  readonly nowMs: number
  readonly leaseMs: number
  /** `postpaid` is LiteLLM's older rule: admitted while spent and held money together are below the limit. */
  readonly rule: 'reserve' | 'postpaid'
  readonly hold: HoldRange
  readonly budgets: readonly BudgetLine[]
  readonly rates: readonly RateLine[]
  readonly parallels: readonly ParallelLine[]
  /** The ledger's opening record as JSON: kept beside the hold where several instances share it. */
  readonly opening: () => string
}

export type AdmissionResult = Admitted | Refused

export interface Admitted {
  readonly admitted: true
  /** What is held, in every budget line alike. */
  readonly holdPicoUsd: bigint
  /** In the order of the admission's lines, this request included. */
  readonly budgets: readonly BudgetState[]
  readonly rates: readonly RateState[]
}

/** The first line that had no room. Nothing was taken. */
export interface Refused {
  readonly admitted: false
  readonly line:
    | { readonly type: 'budget'; readonly index: number; readonly state: BudgetState }
    | { readonly type: 'rate'; readonly index: number; readonly state: RateState }
    | { readonly type: 'parallel'; readonly index: number; readonly running: number }
}

export interface BudgetState {
  readonly settledPicoUsd: bigint
  readonly reservedPicoUsd: bigint
}

export interface RateState {
  readonly used: number
  /** Unix time at which the window ends. */
  readonly resetMs: number
}

export interface Settlement {
  readonly requestId: string
  readonly nowMs: number
  readonly costPicoUsd: bigint
  /** Made for a process that is not heard of; what that process tells later corrects it. */
  readonly isPresumed?: boolean | undefined
  /** Tokens that count for the rate limits; left out: what was reserved stays. */
  readonly tokens?: number | undefined
}

export interface Orphan {
  readonly requestId: string
  readonly owner: string
  readonly holdPicoUsd: bigint
  readonly opening: string
}

/** Where budgets start from when a counter is first asked for: what the ledger has. */
export type LoadBalances = (keys: readonly BudgetKey[]) => Promise<readonly bigint[]>

/** The shared store did not answer in time, or not at all: nobody knows what is left. */
export class CountersUnavailable extends Error {
  override readonly name: string = 'CountersUnavailable'
  /** Whether the store was asked: then it may still do what it did not answer to. */
  readonly wasAsked: boolean

  constructor(message: string, options: ErrorOptions & { readonly wasAsked: boolean }) {
    super(message, options)
    this.wasAsked = options.wasAsked
  }
}
