import { formatUsd } from '@switchyard/llm/kit'
import { planAdmission } from '../../packages/server/src/policy/admission.ts'
import { paidOutputTokens, priceCall } from '../../packages/server/src/policy/call-price.ts'
import type { CallSize } from '../../packages/server/src/policy/call-price.ts'
import { holdOf } from '../../packages/server/src/policy/hold.ts'
import { refusalOf } from '../../packages/server/src/policy/refusal.ts'
import { createWindows, windowAt } from '../../packages/server/src/policy/windows.ts'

const CENT_PICO_USD = 10_000_000_000n
/** 1 USD for a million tokens of input, 10 USD for a million of output. */
const model = { rates: { inputPicoUsd: 1_000_000n, outputPicoUsd: 10_000_000n }, maxOutputTokens: 8_192 }

/** What is held, and how long the answer may be, for a request of 1,000 tokens. */
export function renderHolds(): string {
  const open = { inputTokens: 1_000 }
  const bound = { inputTokens: 1_000, maxTokens: 500 }
  const rows = [1_000n, 80n, 50n, 10n, 2n].map((cents) => cents * CENT_PICO_USD)
  const lefts = [...rows, CENT_PICO_USD / 8n, CENT_PICO_USD / 10n]
  return [
    '| left | held | answer at most | with `max_tokens: 500` |',
    '|---|---|---|---|',
    ...lefts.map((left) => {
      const { held, tokens } = outcome(open, left)
      return `| ${usd(left)} | ${held} | ${tokens} | ${outcome(bound, left).held} |`
    }),
  ].join('\n')
}

function outcome(call: CallSize, leftPicoUsd: bigint): { held: string; tokens: string } {
  const price = priceCall(call, [model])
  const held = holdOf({ rule: 'reserve', hold: price.hold }, leftPicoUsd)
  if (held === undefined) return { held: 'refused', tokens: '' }
  const tokens = paidOutputTokens(price, held) ?? model.maxOutputTokens
  return { held: usd(held), tokens: `${tokens.toLocaleString('en-US')} tokens` }
}

function usd(picoUsd: bigint): string {
  return `$${formatUsd(picoUsd)}`
}

/** What the client of a team is told whose budget is nearly spent. */
export function renderRefusal(): string {
  const nowMs = Date.parse('2026-11-27T09:28:00Z')
  const plan = planAdmission({
    requestId: '',
    owner: '',
    nowMs,
    leaseMs: 0,
    rule: 'reserve',
    limits: [
      { scope: { kind: 'team', id: 'research' }, budgets: [{ maxPicoUsd: CENT_PICO_USD, duration: '30d' }] },
    ],
    windows: createWindows(),
    call: { inputTokens: 1_000, maxTokens: 500 },
    models: [model],
    opening: () => '',
  })
  const state = { settledPicoUsd: CENT_PICO_USD / 2n, reservedPicoUsd: CENT_PICO_USD / 4n }
  const { error } = refusalOf(plan, { admitted: false, line: { type: 'budget', index: 0, state } }, { nowMs })
  return ['```text', ...error.message.split(/(?<=[.!]) (?=This|The|[\d.]+ USD)/), '```'].join('\n')
}

/** When windows end, seen on one Friday morning. */
export function renderWindows(): string {
  const nowMs = Date.parse('2026-11-27T09:28:00Z')
  const since = Date.parse('2026-11-20T15:00:00Z')
  const durations = ['30s', '15m', '1h', 'daily', '1d', '7d', '1w', '14d', '30d', '1mo', '3mo']
  return [
    '| `budget_duration` | began | ends |',
    '|---|---|---|',
    ...durations.map((duration) => {
      const { startMs, endMs = 0 } = windowAt(duration, nowMs, { sinceMs: since })
      return `| \`${duration}\` | ${time(startMs)} | ${time(endMs)} |`
    }),
  ].join('\n')
}

function time(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}
