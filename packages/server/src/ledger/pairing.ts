import type { ClosingRecord, LedgerRecord, OpeningRecord } from './entry.ts'

/** A request's money from its beginning to its end: what becomes an entry. */
export interface Pair {
  readonly opening: OpeningRecord
  readonly closing: ClosingRecord
}

/** Brings the two records of each request together. What it holds is as much as there are requests under way. */
export interface Pairing {
  /** A pair, when this record completes one. A closing without an opening is one that was ingested before. */
  add: (record: LedgerRecord, segment: number) => Pair | undefined
  /** Openings that wait for their closing. */
  open: () => OpeningRecord[]
  /** Whether a segment still holds an opening that waits. */
  isHeld: (segment: number) => boolean
}

export function createPairing(): Pairing {
  const openings = new Map<string, { opening: OpeningRecord; segment: number }>()
  const held = new Map<number, number>()

  const hold = (segment: number, by: number): void => {
    const count = (held.get(segment) ?? 0) + by
    if (count === 0) held.delete(segment)
    else held.set(segment, count)
  }

  const take = (requestId: string): OpeningRecord | undefined => {
    const found = openings.get(requestId)
    if (found === undefined) return undefined
    openings.delete(requestId)
    hold(found.segment, -1)
    return found.opening
  }

  return {
    add: (record, segment) => {
      const opening = take(record.requestId)
      if (record.type === 'opening') {
        openings.set(record.requestId, { opening: record, segment })
        hold(segment, 1)
        return undefined
      }
      return opening === undefined ? undefined : { opening, closing: record }
    },
    open: () => [...openings.values()].map(({ opening }) => opening),
    isHeld: (segment) => held.has(segment),
  }
}

/**
 * The end of a request whose process died: nobody knows what it cost, so it costs what was held for it. What its own
 * process tells later corrects it.
 */
export function estimate(opening: OpeningRecord, nowMs: number): Pair {
  return {
    opening,
    closing: {
      type: 'closing',
      requestId: opening.requestId,
      settledMs: nowMs,
      state: 'estimated',
      costPicoUsd: opening.holdPicoUsd,
      isPresumed: true,
      log: {
        status: 'failure',
        statusCode: 500,
        startedMs: opening.atMs,
        model: opening.modelGroup,
        inputTokens: 0,
        outputTokens: 0,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        usageSource: 'estimated',
        cacheHit: false,
        attempts: [],
        metadata: {
          error: { code: 'gateway_stopped', message: 'The gateway stopped before it was answered.' },
        },
      },
    },
  }
}
