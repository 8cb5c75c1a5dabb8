import { crc32 } from 'node:zlib'
import { attemptsText, jsonOf } from '../entry-text.ts'
import type { AttemptJson } from '../entry-text.ts'
import type { ClosingRecord, LedgerRecord, OpeningRecord, RequestLog } from '../entry.ts'

const VERSION = 1
const CHECKSUM_CHARS = 8

/** What a line of a journal turned out to be. `torn`: it was not written to its end, or something changed it. */
export type JournalLine =
  | { readonly type: 'record'; readonly record: LedgerRecord }
  | { readonly type: 'torn' }
  | { readonly type: 'newer'; readonly version: number }

/**
 * `1 <crc32> <json>` and a newline. Money is written as text: JSON has no integers of that size. The JSON is put
 * together by hand, as it is written twice for each request: `JSON.stringify` takes three times as long.
 */
export function renderLine(record: LedgerRecord): string {
  const json = record.type === 'opening' ? renderOpening(record) : renderClosing(record)
  return `${VERSION} ${checksum(json)} ${json}\n`
}

/** Reads a line without its newline. Every version of the form begins with its number and a checksum of the rest. */
export function parseLine(line: string): JournalLine {
  const checksumAt = line.indexOf(' ') + 1
  const jsonAt = checksumAt + CHECKSUM_CHARS + 1
  const json = line.slice(jsonAt)
  if (line.slice(checksumAt, jsonAt - 1) !== checksum(json)) return { type: 'torn' }
  const version = Number(line.slice(0, checksumAt - 1))
  if (version !== VERSION) return { type: 'newer', version }
  // The checksum says that this is what `renderLine` wrote.
  return { type: 'record', record: recordFromJson(JSON.parse(json) as RecordJson[keyof RecordJson]) }
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function checksum(json: string): string {
  const crc = crc32(json)
  return `${HEX[crc >>> 24]}${HEX[(crc >>> 16) & 255]}${HEX[(crc >>> 8) & 255]}${HEX[crc & 255]}`
}

function renderOpening(record: OpeningRecord): string {
  const { requestId, owner, atMs, holdPicoUsd, parties, lines, callType, endpoint, modelGroup } = record
  return `{"type":"opening","requestId":${text(requestId)},"owner":${text(owner)},"atMs":${atMs},"holdPicoUsd":"${holdPicoUsd}","parties":${jsonOf(parties)},"lines":${jsonOf(lines)},"callType":${text(callType)},"endpoint":${text(endpoint)}${optional('modelGroup', modelGroup)}}`
}

function renderClosing({ requestId, settledMs, state, costPicoUsd, isPresumed, log }: ClosingRecord): string {
  return `{"type":"closing","requestId":${text(requestId)},"settledMs":${settledMs},"state":"${state}","costPicoUsd":"${costPicoUsd}"${isPresumed === true ? ',"isPresumed":true' : ''},"log":${renderLog(log)}}`
}

function renderLog(log: RequestLog): string {
  return `{"status":"${log.status}","statusCode":${log.statusCode},"startedMs":${log.startedMs},"inputTokens":${log.inputTokens},"outputTokens":${log.outputTokens},"cacheReadTokens":${log.cacheReadTokens},"cacheWriteTokens":${log.cacheWriteTokens},"cacheHit":${log.cacheHit}${log.firstByteMs === undefined ? '' : `,"firstByteMs":${log.firstByteMs}`}${optional('responseId', log.responseId)}${optional('model', log.model)}${optional('deploymentId', log.deploymentId)}${optional('provider', log.provider)}${optional('apiBase', log.apiBase)}${optional('usageSource', log.usageSource)}${optional('requesterIp', log.requesterIp)}${optional('sessionId', log.sessionId)},"attempts":${attemptsText(log.attempts)},"metadata":${JSON.stringify(log.metadata)}${optional('messages', log.messages)}${optional('response', log.response)}}`
}

function optional(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${text(value)}`
}

function text(value: string): string {
  return JSON.stringify(value)
}

/** As the journal has them. */
interface RecordJson {
  opening: Omit<OpeningRecord, 'holdPicoUsd'> & { holdPicoUsd: string }
  closing: Omit<ClosingRecord, 'costPicoUsd' | 'log'> & {
    costPicoUsd: string
    log: Omit<RequestLog, 'attempts'> & { attempts: AttemptJson[] }
  }
}

function recordFromJson(json: RecordJson[keyof RecordJson]): LedgerRecord {
  if (json.type === 'opening') return { ...json, holdPicoUsd: BigInt(json.holdPicoUsd) }
  const attempts = json.log.attempts.map((attempt) => ({
    ...attempt,
    costPicoUsd: BigInt(attempt.costPicoUsd),
  }))
  return { ...json, costPicoUsd: BigInt(json.costPicoUsd), log: { ...json.log, attempts } }
}
