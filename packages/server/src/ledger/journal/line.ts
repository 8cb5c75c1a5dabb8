import { crc32 } from 'node:zlib'
import type { ClosingRecord, LedgerRecord, OpeningRecord } from '../entry.ts'

const VERSION = 1
const CHECKSUM_CHARS = 8

/** What a line of a journal turned out to be. `torn`: it was not written to its end, or something changed it. */
export type JournalLine =
  | { readonly type: 'record'; readonly record: LedgerRecord }
  | { readonly type: 'torn' }
  | { readonly type: 'newer'; readonly version: number }

/** `1 <crc32> <json>` and a newline. Money is written as text: JSON has no integers of that size. */
export function renderLine(record: LedgerRecord): string {
  const json = JSON.stringify(record.type === 'opening' ? openingToJson(record) : closingToJson(record))
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
  return { type: 'record', record: recordFromJson(JSON.parse(json) as RecordJson) }
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(CHECKSUM_CHARS, '0')
}

type RecordJson = ReturnType<typeof openingToJson> | ReturnType<typeof closingToJson>

function openingToJson(record: OpeningRecord) {
  return { ...record, holdPicoUsd: String(record.holdPicoUsd) }
}

function closingToJson(record: ClosingRecord) {
  const { log } = record
  const attempts = log.attempts.map((attempt) => ({ ...attempt, costPicoUsd: String(attempt.costPicoUsd) }))
  return { ...record, costPicoUsd: String(record.costPicoUsd), log: { ...log, attempts } }
}

function recordFromJson(json: RecordJson): LedgerRecord {
  if (json.type === 'opening') return { ...json, holdPicoUsd: BigInt(json.holdPicoUsd) }
  const attempts = json.log.attempts.map((attempt) => ({
    ...attempt,
    costPicoUsd: BigInt(attempt.costPicoUsd),
  }))
  return { ...json, costPicoUsd: BigInt(json.costPicoUsd), log: { ...json.log, attempts } }
}
