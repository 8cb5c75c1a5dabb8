import { scrub } from '@switchyard/llm/kit'

/** As in LiteLLM: longer texts lose their middle. */
const MAX_CHARS = 2_048
/** The part of a cut text that its beginning has. */
const HEAD_SHARE = 0.35
/** All of a request together: images and documents are not for a log. */
const MAX_TOTAL_CHARS = 262_144

const secretName =
  /^(?:.*[_-])?(?:api[_-]?key|authorization|password|passwd|secret|token|credentials?|cookie)$/i

/**
 * What was asked or answered, as a log may keep it: without what looks like a credential, by name or by form, and
 * with long texts cut. It is JSON, unless all together is too long.
 */
export function promptForLog(value: unknown): string {
  const text = JSON.stringify(redact(value, '')) ?? 'null'
  return text.length <= MAX_TOTAL_CHARS ? text : cut(text, MAX_TOTAL_CHARS)
}

function redact(value: unknown, name: string): unknown {
  if (typeof value === 'string') return secretName.test(name) ? '[redacted]' : cut(scrub(value), MAX_CHARS)
  if (Array.isArray(value)) return value.map((item) => redact(item, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, redact(child, key)]))
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const head = Math.floor(most * HEAD_SHARE)
  const tail = most - head
  return `${text.slice(0, head)}... (litellm_truncated skipped ${text.length - most} chars) ...${text.slice(-tail)}`
}
