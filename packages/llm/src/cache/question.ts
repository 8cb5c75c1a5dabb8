import type { CachedOperation } from './policy.ts'

/** A request, taken apart: what it asks last, and everything else. */
export interface Question {
  /** What may be said in other words. */
  readonly text: string
  /** What has to be the same to the letter: instructions, tools, settings, and all that was said before. */
  readonly rest: Readonly<Record<string, unknown>>
}

type Fields = Readonly<Record<string, unknown>>

/** `undefined` where the last thing asked is not words alone: nobody can tell what is like a picture or a tool's result. */
export function questionOf(request: Fields, operation: CachedOperation): Question | undefined {
  switch (operation) {
    case 'chat':
    case 'messages':
      return lastOf(request, 'messages')
    case 'responses':
      return typeof request['input'] === 'string' ? wholeOf(request, 'input') : lastOf(request, 'input')
    case 'completions':
      return wholeOf(request, 'prompt')
    default:
      return undefined
  }
}

function wholeOf(request: Fields, name: string): Question | undefined {
  const { [name]: text, ...rest } = request
  return typeof text === 'string' && text.trim() !== '' ? { text, rest } : undefined
}

function lastOf(request: Fields, name: string): Question | undefined {
  const list = request[name]
  if (!Array.isArray(list)) return undefined
  const last = list.at(-1) as unknown
  if (!isFields(last) || last['role'] !== 'user') return undefined
  const { content, ...more } = last
  const text = textOf(content)
  if (text === undefined) return undefined
  return { text, rest: { ...request, [name]: [...list.slice(0, -1), more] } }
}

function textOf(content: unknown): string | undefined {
  if (typeof content === 'string') return content.trim() === '' ? undefined : content
  if (!Array.isArray(content) || content.length === 0) return undefined
  const texts = content.map((part: unknown) =>
    isFields(part) && (part['type'] === 'text' || part['type'] === 'input_text') ? part['text'] : undefined,
  )
  return texts.every((text) => typeof text === 'string') ? texts.join('\n') : undefined
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
