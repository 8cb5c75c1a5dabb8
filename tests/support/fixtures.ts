import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How the stored file relates to the bytes on the wire; `chunks` files have lost their framing. */
export type FixtureEncoding = 'json' | 'sse' | 'ndjson' | 'chunks' | 'eventstream' | 'text' | 'binary'

/** One recorded exchange: a row of the recordings' `index.json`. */
export interface Fixture {
  id: string
  provider: string
  model: string | null
  /** What a caller would write, `provider/model`; null where the endpoint has no model. */
  model_string: string | null
  endpoint: string
  wire: string
  stream: boolean
  encoding: FixtureEncoding
  status: number
  /** File of the answer, relative to the root of the recordings. */
  response: string
  /** File of the request that was answered, where it was recorded. */
  request: string | null
  http: {
    method: string
    path: string
    request_headers?: Record<string, string>
    response_headers?: Record<string, string>
  }
  exercises: string[]
  finish: string[]
  about: string
  core: boolean
}

/** Two independent readings that differ, and which one holds where somebody judged it. */
export interface Dispute {
  ai_sdk: unknown
  own_reader: unknown
  prefer?: string
  why?: string
}

/** What must be read out of a fixture; only the fields named in `agreed` are certain. */
export interface Expectation {
  outcome: 'ok' | 'error' | 'error_in_stream' | 'malformed_response' | 'not_covered'
  by?: string
  /** Dotted names of the fields on which two independent readers agree, such as `usage.input`. */
  agreed?: string[]
  disputed?: Record<string, Dispute>
  text?: string
  reasoning?: string
  tool_calls?: Array<{ id?: string | null; name: string; arguments: unknown }>
  server_tools?: string[]
  sources?: string[]
  files?: string[]
  refusal?: string
  tool_plan?: string
  finish_reason?: string | null
  finish_reason_raw?: string | null
  usage?: Partial<Record<string, number | null>>
  response?: { id?: string | null; model?: string | null }
  /** Packed vectors were not unpacked by the reader: their dimensions and first values are unknown then. */
  embeddings?: { count: number; dimensions: number | null; base64: boolean; head?: number[] }
  rerank?: Array<{ index: number; relevance_score: number }>
  tokens?: number
  flagged?: boolean[]
  categories_true?: string[]
  images?: string[]
  error?: { status: number; category: string; retryable: boolean; message?: string }
  stream_error?: string
  sdk_failed?: Record<string, unknown>
  sdk_complaint?: string
  rejected_by?: string
  note?: string
  why?: string
}

export interface FixtureSet {
  /** False where the recordings are not on this machine; the lists are empty then. */
  available: boolean
  root: string
  fixtures: Fixture[]
  expected: Record<string, Expectation>
}

/** Folder of the recordings: `SWITCHYARD_FIXTURES`, else beside the checkout. */
export function fixturesRoot(environment: Record<string, string | undefined> = process.env): string {
  const named = environment['SWITCHYARD_FIXTURES']
  return named || join(import.meta.dirname, '../../../shared/fixtures/providers')
}

/** Reads the list of recordings and what is expected of each; never throws because they are absent. */
export function loadFixtures(root: string = fixturesRoot()): FixtureSet {
  const index = join(root, 'index.json')
  if (!existsSync(index)) return { available: false, root, fixtures: [], expected: {} }
  const { fixtures } = readJson<{ fixtures: Fixture[] }>(index)
  const expectations = join(root, 'expected.json')
  const expected = existsSync(expectations)
    ? readJson<{ expected: Record<string, Expectation> }>(expectations).expected
    : {}
  return { available: true, root, fixtures, expected }
}

/** The stored answer, byte for byte. */
export function responseBytes(root: string, fixture: Fixture): Buffer {
  return readFileSync(join(root, fixture.response))
}

function readJson<T>(file: string): T {
  const parsed: T = JSON.parse(readFileSync(file, 'utf8'))
  return parsed
}
