import type { LedgerEntryRow, LedgerTagRow, RequestLogRow } from '../store/schema.ts'
import { attemptsText, jsonOf } from './entry-text.ts'
import type { Pair } from './pairing.ts'

const DAY_MS = 86_400_000

/** UTC days since 1970. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS)
}

export function entryRow({ opening, closing }: Pair): LedgerEntryRow {
  const { parties } = opening
  const { log } = closing
  return {
    request_id: opening.requestId,
    at_ms: opening.atMs,
    settled_ms: closing.settledMs,
    state: closing.state,
    cost_pico_usd: closing.costPicoUsd,
    presumed: closing.isPresumed === true ? 1 : 0,
    held_pico_usd: opening.holdPicoUsd,
    owner: opening.owner,
    key_hash: parties.keyHash,
    user_id: parties.userId ?? null,
    team_id: parties.teamId ?? null,
    organization_id: parties.organizationId ?? null,
    end_user_id: parties.endUserId ?? null,
    agent_id: parties.agentId ?? null,
    run_id: parties.runId ?? null,
    deployment_id: log.deploymentId ?? null,
    provider: log.provider ?? null,
    model: log.model ?? null,
    model_group: opening.modelGroup ?? null,
    lines: jsonOf(opening.lines),
  }
}

export function tagRows({ opening }: Pair): LedgerTagRow[] {
  return [...new Set(opening.parties.tags)].map((tag) => ({
    tag,
    at_ms: opening.atMs,
    request_id: opening.requestId,
  }))
}

export function logRow({ opening, closing }: Pair): RequestLogRow {
  const { parties } = opening
  const { log } = closing
  return {
    day: dayOf(opening.atMs),
    request_id: opening.requestId,
    response_id: log.responseId ?? null,
    call_type: opening.callType,
    status: log.status,
    status_code: log.statusCode,
    started_ms: Math.round(log.startedMs),
    ended_ms: Math.round(closing.settledMs),
    first_byte_ms: log.firstByteMs === undefined ? null : Math.round(log.firstByteMs),
    key_hash: parties.keyHash,
    key_alias: parties.keyAlias ?? null,
    user_id: parties.userId ?? null,
    team_id: parties.teamId ?? null,
    organization_id: parties.organizationId ?? null,
    end_user_id: parties.endUserId ?? null,
    agent_id: parties.agentId ?? null,
    run_id: parties.runId ?? null,
    session_id: log.sessionId ?? null,
    model: log.model ?? null,
    model_group: opening.modelGroup ?? null,
    deployment_id: log.deploymentId ?? null,
    provider: log.provider ?? null,
    api_base: log.apiBase ?? null,
    input_tokens: log.inputTokens,
    output_tokens: log.outputTokens,
    cache_read_tokens: log.cacheReadTokens,
    cache_write_tokens: log.cacheWriteTokens,
    cost_pico_usd: closing.costPicoUsd,
    usage_source: log.usageSource ?? null,
    cache_hit: log.cacheHit ? 1 : 0,
    requester_ip: log.requesterIp ?? null,
    tags: jsonOf(parties.tags),
    attempts: attemptsText(log.attempts),
    metadata: JSON.stringify(log.metadata),
    messages: log.messages ?? null,
    response: log.response ?? null,
  }
}

/** A pair as it is in the database. Its log may be gone; then nobody knows of its tokens. */
export function storedPair(
  opening: Pair['opening'],
  entry: LedgerEntryRow,
  log: RequestLogRow | undefined,
): Pair {
  return {
    // What we wrote in `entryRow`.
    opening: { ...opening, lines: JSON.parse(entry.lines) as Pair['opening']['lines'] },
    closing: {
      type: 'closing',
      requestId: entry.request_id,
      settledMs: entry.settled_ms,
      state: entry.state,
      costPicoUsd: entry.cost_pico_usd,
      log: {
        status: log?.status === 'success' ? 'success' : 'failure',
        statusCode: log?.status_code ?? 0,
        startedMs: log?.started_ms ?? entry.at_ms,
        model: entry.model ?? undefined,
        deploymentId: entry.deployment_id ?? undefined,
        provider: entry.provider ?? undefined,
        inputTokens: log?.input_tokens ?? 0,
        outputTokens: log?.output_tokens ?? 0,
        cacheReadTokens: log?.cache_read_tokens ?? 0,
        cacheWriteTokens: log?.cache_write_tokens ?? 0,
        cacheHit: log?.cache_hit === 1,
        attempts: [],
        metadata: {},
      },
    },
  }
}
