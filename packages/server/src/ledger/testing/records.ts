import type { ClosingRecord, OpeningRecord, Parties, RequestLog } from '../entry.ts'
import type { Pair } from '../pairing.ts'

/** 2026-11-27T10:00:00Z */
export const NOON_MS = 1_795_773_600_000

type OpeningParts = Partial<Omit<OpeningRecord, 'parties'>> & { parties?: Partial<Parties> }
type ClosingParts = Partial<Omit<ClosingRecord, 'log'>> & { log?: Partial<RequestLog> }

export function opening(requestId: string, { parties, ...parts }: OpeningParts = {}): OpeningRecord {
  return {
    type: 'opening',
    requestId,
    owner: 'test',
    atMs: NOON_MS,
    holdPicoUsd: 1_000_000n,
    parties: { keyHash: 'key-1', teamId: 'team-1', tags: [], ...parties },
    lines: [
      ['global:', 'all'],
      ['key:key-1', 'all'],
      ['team:team-1', '1mo/2026-11-01'],
    ],
    callType: 'acompletion',
    endpoint: '/v1/chat/completions',
    modelGroup: 'gpt',
    ...parts,
  }
}

export function closing(requestId: string, { log, ...parts }: ClosingParts = {}): ClosingRecord {
  return {
    type: 'closing',
    requestId,
    settledMs: NOON_MS + 900,
    state: 'settled',
    costPicoUsd: 250_000n,
    log: {
      responseId: `chatcmpl-${requestId}`,
      status: 'success',
      statusCode: 200,
      startedMs: NOON_MS,
      model: 'gpt-5',
      deploymentId: 'deployment-1',
      provider: 'openai',
      inputTokens: 10,
      outputTokens: 5,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      usageSource: 'provider',
      cacheHit: false,
      attempts: [{ deploymentId: 'deployment-1', ms: 850, costPicoUsd: 250_000n }],
      metadata: {},
      ...log,
    },
    ...parts,
  }
}

export function pair(
  requestId: string,
  parts: { opening?: OpeningParts; closing?: ClosingParts } = {},
): Pair {
  return { opening: opening(requestId, parts.opening), closing: closing(requestId, parts.closing) }
}
