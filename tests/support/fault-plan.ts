/** How the scripted provider misbehaves on one request; nothing set means a flawless answer. */
export interface FaultPlan {
  /** Before the status line: reset the connection, wait for the gate, or for it and at most this time. */
  opening?: 'reset' | 'hang' | { delayMs: number }
  /** Answers with this status and the dialect's error body. */
  status?: number
  headers?: Record<string, string | string[]>
  /** Replaces status, content type and body. */
  replace?: { status?: number; contentType?: string; body: string }
  /** Changes a whole (unstreamed) body after it was rendered. */
  body?: 'truncated' | 'trailing-garbage' | 'error-with-200'
  redirect?: number
  /** After this many events of a stream (half the body of a whole answer). */
  stop?: {
    afterEvents: number
    by: 'cut' | 'reset' | 'hang' | 'error-event' | 'end' | 'cut-in-character' | 'cut-in-event'
  }
  framing?: SseFraming
  /** Bytes per flushed piece. */
  splitBytes?: number
  encoding?: 'gzip' | 'gzip-unflushed' | 'br' | 'zstd' | 'claims-gzip'
  /** Declares more or fewer bytes than it sends. */
  lengthOffset?: number
  /** A text of this many bytes, in deltas of `deltaBytes`. */
  bulk?: { bytes: number; deltaBytes: number }
  content?: ContentFault
}

export type SseFraming =
  | 'crlf'
  | 'cr'
  | 'no-space'
  | 'comments'
  | 'fields'
  | 'multi-line'
  | 'one-packet'
  | 'data-first'

/** What the answer itself says wrongly, or in a way no client has seen. */
export interface ContentFault {
  usage?: 'none' | 'zero' | 'negative' | 'absurd' | 'changing'
  finish?: 'missing' | 'unknown'
  /** False: the stream ends without `[DONE]` or its like. */
  terminator?: boolean
  choices?: 'empty'
  unknownEvent?: boolean
  tools?: 'interleaved' | 'reversed' | 'same-index' | 'bad-json' | 'object-arguments'
  servedModel?: string
  identity?: 'same' | 'empty'
  created?: unknown
  encryptedReasoning?: boolean
  multibyte?: boolean
}

interface FaultRow {
  /** Row of the fault catalogue that it stands for. */
  row: string
  name: RegExp
  plan: (captured: string, second: string) => FaultPlan
}

const rows: FaultRow[] = [
  { row: 'F29', name: /^reset$/, plan: () => ({ opening: 'reset' }) },
  {
    row: 'F32',
    name: /^status-(\d+)-retry-after-ms-(-?\w+)$/,
    plan: (status, wait) => limited(status, { 'retry-after-ms': wait }),
  },
  {
    row: 'F32',
    name: /^status-(\d+)-retry-after-date-(\d+)$/,
    plan: (status, seconds) => limited(status, { 'retry-after': dateIn(Number(seconds)) }),
  },
  {
    row: 'F32',
    name: /^status-(\d+)-retry-after-(-?\w+)$/,
    plan: (status, wait) => limited(status, { 'retry-after': wait }),
  },
  { row: 'F33', name: /^status-(\d+)$/, plan: (status) => ({ status: Number(status) }) },
  { row: 'F37', name: /^200-error-body$/, plan: () => ({ body: 'error-with-200' }) },
  { row: 'F37', name: /^choices-empty$/, plan: () => ({ content: { choices: 'empty' } }) },
  { row: 'F38', name: /^truncated-json$/, plan: () => ({ body: 'truncated' }) },
  { row: 'F38', name: /^trailing-garbage$/, plan: () => ({ body: 'trailing-garbage' }) },
  { row: 'F38', name: /^empty-200$/, plan: () => ({ replace: { body: '' } }) },
  { row: 'F38', name: /^null-200$/, plan: () => ({ replace: { body: 'null' } }) },
  {
    row: 'F39',
    name: /^html$/,
    plan: () => ({ replace: { contentType: 'text/html', body: '<!doctype html><title>Log in</title>' } }),
  },
  {
    row: 'F39',
    name: /^text-plain$/,
    plan: () => ({ replace: { contentType: 'text/plain', body: 'upstream ok' } }),
  },
  {
    row: 'F39',
    name: /^html-(\d+)$/,
    plan: (status) => ({
      replace: { status: Number(status), contentType: 'text/html', body: '<h1>Bad gateway</h1>' },
    }),
  },
  {
    row: 'F40',
    name: /^cut-after-(\d+)$/,
    plan: (events) => ({ stop: { afterEvents: Number(events), by: 'cut' } }),
  },
  {
    row: 'F40',
    name: /^reset-after-(\d+)$/,
    plan: (events) => ({ stop: { afterEvents: Number(events), by: 'reset' } }),
  },
  {
    row: 'F40',
    name: /^end-after-(\d+)$/,
    plan: (events) => ({ stop: { afterEvents: Number(events), by: 'end' } }),
  },
  {
    row: 'F40',
    name: /^cut-mid-utf8$/,
    plan: () => ({ stop: { afterEvents: 0, by: 'cut-in-character' }, content: { multibyte: true } }),
  },
  { row: 'F40', name: /^cut-mid-json$/, plan: () => ({ stop: { afterEvents: 2, by: 'cut-in-event' } }) },
  { row: 'F41', name: /^error-event$/, plan: () => ({ stop: { afterEvents: 3, by: 'error-event' } }) },
  {
    row: 'F41',
    name: /^error-event-after-(\d+)$/,
    plan: (events) => ({ stop: { afterEvents: Number(events), by: 'error-event' } }),
  },
  { row: 'F42', name: /^no-done$/, plan: () => ({ content: { terminator: false } }) },
  { row: 'F42', name: /^no-finish$/, plan: () => ({ content: { terminator: false, finish: 'missing' } }) },
  {
    row: 'F43',
    name: /^hang-after-(\d+)$/,
    plan: (events) => ({ stop: { afterEvents: Number(events), by: 'hang' } }),
  },
  { row: 'F44', name: /^hang$/, plan: () => ({ opening: 'hang' }) },
  {
    row: 'F44',
    name: /^slow-first-byte-(\d+)$/,
    plan: (delayMs) => ({ opening: { delayMs: Number(delayMs) } }),
  },
  { row: 'F45', name: /^cut-before-content$/, plan: () => ({ stop: { afterEvents: 1, by: 'cut' } }) },
  {
    row: 'F46',
    name: /^sse-(crlf|cr|no-space|comments|fields|multi-line|one-packet|data-first)$/,
    plan: (framing) => ({ framing: framing as SseFraming }),
  },
  { row: 'F46', name: /^split-(\d+)$/, plan: (size) => ({ splitBytes: Number(size) }) },
  { row: 'F47', name: /^one-byte$/, plan: () => ({ splitBytes: 1 }) },
  { row: 'F47', name: /^1mb-line$/, plan: () => ({ bulk: { bytes: 1 << 20, deltaBytes: 1 << 20 } }) },
  {
    row: 'F47',
    name: /^flood-(\d+)$/,
    plan: (megabytes) => ({ bulk: { bytes: Number(megabytes) << 20, deltaBytes: 16 << 10 } }),
  },
  {
    row: 'F48',
    name: /^(gzip|gzip-unflushed|br|zstd|claims-gzip)$/,
    plan: (encoding) => ({ encoding: encoding as 'gzip' }),
  },
  {
    row: 'F48',
    name: /^length-(short|long)$/,
    plan: (way) => ({ lengthOffset: way === 'short' ? -10 : 10 }),
  },
  { row: 'F49', name: /^no-usage$/, plan: () => ({ content: { usage: 'none' } }) },
  {
    row: 'F49',
    name: /^usage-(zero|negative|absurd|changing)$/,
    plan: (usage) => ({ content: { usage: usage as 'zero' } }),
  },
  {
    row: 'F50',
    name: /^tools-(interleaved|reversed|same-index|bad-json|object-arguments)$/,
    plan: (tools) => ({ content: { tools: tools as 'bad-json' } }),
  },
  { row: 'F51', name: /^unknown-finish$/, plan: () => ({ content: { finish: 'unknown' } }) },
  { row: 'F51', name: /^unknown-event$/, plan: () => ({ content: { unknownEvent: true } }) },
  { row: 'F52', name: /^redirect(?:-(\d+))?$/, plan: (status) => ({ redirect: Number(status || 307) }) },
  { row: 'F53', name: /^header-flood$/, plan: () => ({ headers: flood(2_000) }) },
  { row: 'F53', name: /^header-1mb$/, plan: () => ({ headers: { 'x-large': 'x'.repeat(1 << 20) } }) },
  {
    row: 'F53',
    name: /^set-cookie$/,
    plan: () => ({
      headers: {
        'set-cookie': ['session=secret', 'b=2'],
        'x-api-key': 'sk-provider-secret',
        'openai-organization': 'org-secret',
      },
    }),
  },
  { row: 'F54', name: /^other-model$/, plan: () => ({ content: { servedModel: 'another-model-2' } }) },
  {
    row: 'F55',
    name: /^(same|empty)-id$/,
    plan: (identity) => ({ content: { identity: identity as 'same' } }),
  },
  { row: 'F55', name: /^bad-created$/, plan: () => ({ content: { created: -9e15 } }) },
  { row: 'F56', name: /^encrypted-reasoning$/, plan: () => ({ content: { encryptedReasoning: true } }) },
]

/** Every row of the catalogue that a fault name can call up. */
export const coveredRows: string[] = [...new Set(rows.map(({ row }) => row))]

/**
 * Reads a fault name such as `status-429-retry-after-1`, or several joined with `+`.
 * @throws when a name is not in the table.
 */
export function planFault(name: string): FaultPlan {
  const plan: FaultPlan = {}
  for (const part of name.split('+').filter((part) => part !== '' && part !== 'ok')) {
    const { content, ...rest } = planOne(part)
    Object.assign(plan, rest)
    if (content) plan.content = { ...plan.content, ...content }
  }
  return plan
}

function planOne(name: string): FaultPlan {
  for (const row of rows) {
    const match = row.name.exec(name)
    if (match) return row.plan(match[1] ?? '', match[2] ?? '')
  }
  throw new Error(`no fault is called "${name}"`)
}

function limited(status: string, headers: Record<string, string>): FaultPlan {
  return { status: Number(status), headers }
}

function dateIn(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toUTCString()
}

function flood(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-flood-${at}`, 'x'.repeat(100)]))
}
