import { parseJson } from '@switchyard/llm/kit'
import type { Json } from '@switchyard/llm/kit'
import { printable } from '../terminal/printable.ts'

/** How much is shown of an answer in a form that nobody here knows. */
const MAX_TEXT = 500

const advice: Readonly<Record<number, string>> = {
  401: 'Pass the key with --key or SWITCHYARD_API_KEY.',
  403: 'Use a key that may do this: the admin key, or one whose role allows it.',
  500: "The gateway's log says more.",
  503: 'Try again when the gateway is whole: its log and /health/readiness say what is missing.',
}

/** What a gateway's refusal says to the person at the terminal, and what to do about it. */
export function refusalOf(status: number, body: string): string {
  const said = messageIn(parseJson(body)) ?? body.slice(0, MAX_TEXT)
  const sentence = `${status}: ${printable(said).trim() || 'the gateway says no more'}`
  const next = advice[status]
  if (next === undefined) return sentence
  return `${sentence}${/[.!?]$/.test(sentence) ? '' : '.'} ${next}`
}

/** The message in OpenAI's shape, or in the two that LiteLLM's routes inherit from FastAPI. */
function messageIn(body: Json | undefined): string | undefined {
  if (typeof body === 'string') return body
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const { error, detail, message, msg } = body
  if (Array.isArray(detail)) return detail.map(problemIn).join('; ')
  for (const inner of [error, detail, message, msg]) {
    const text = messageIn(inner)
    if (text !== undefined) return text
  }
  return undefined
}

/** A field that was refused: `{"loc": ["body", "max_budget"], "msg": "Input should be a number"}`. */
function problemIn(problem: Json): string {
  const text = messageIn(problem) ?? ''
  if (typeof problem !== 'object' || problem === null || Array.isArray(problem)) return text
  const { loc } = problem
  return Array.isArray(loc) ? `${loc.slice(1).join('.')}: ${text}` : text
}
