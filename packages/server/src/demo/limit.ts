import { estimateTokens } from '@switchyard/llm/kit'
import type { ChatRequest, Finish } from '@switchyard/llm/kit'
import type { Part } from './reply.ts'

export interface Limited {
  parts: Part[]
  finish: Finish
}

/** Ends a reply where a stop sequence or the bound on output tokens ends it. */
export function limit(parts: readonly Part[], request: ChatRequest): Limited {
  const stopped = stopAt(parts, request.stop ?? [])
  const { maxTokens } = request
  return maxTokens === undefined || tokensOf(stopped.parts) <= maxTokens
    ? stopped
    : cutAt(stopped.parts, maxTokens)
}

/** Output tokens of a reply, by our own estimate. */
export function tokensOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + estimateTokens(wordsOf(part)), 0)
}

/** The text that a part is billed by. */
function wordsOf(part: Part): string {
  if (part.type === 'tool-call') return part.name + part.arguments
  return part.type === 'text' || part.type === 'reasoning' ? part.text : ''
}

function stopAt(parts: readonly Part[], sequences: readonly string[]): Limited {
  const reason = parts.some(({ type }) => type === 'tool-call') ? 'tool-calls' : 'stop'
  for (const [index, part] of parts.entries()) {
    if (part.type !== 'text') continue
    const hits = sequences
      .map((sequence) => ({ sequence, at: sequence === '' ? -1 : part.text.indexOf(sequence) }))
      .filter(({ at }) => at >= 0)
      .sort((left, right) => left.at - right.at)
    const [hit] = hits
    if (hit === undefined) continue
    const kept = { ...part, text: part.text.slice(0, hit.at) }
    return { parts: [...parts.slice(0, index), kept], finish: { reason: 'stop', stopSequence: hit.sequence } }
  }
  return { parts: [...parts], finish: { reason } }
}

function cutAt(parts: readonly Part[], maxTokens: number): Limited {
  const kept: Part[] = []
  let left = maxTokens
  for (const part of parts) {
    const tokens = tokensOf([part])
    if (tokens > left) {
      const rest = cutPart(part, left)
      return { parts: rest === undefined ? kept : [...kept, rest], finish: { reason: 'length' } }
    }
    kept.push(part)
    left -= tokens
  }
  return { parts: kept, finish: { reason: 'length' } }
}

function cutPart(part: Part, tokens: number): Part | undefined {
  if (part.type === 'text' || part.type === 'reasoning') return { ...part, text: cutText(part.text, tokens) }
  if (part.type !== 'tool-call') return undefined
  const left = tokens - estimateTokens(part.name)
  return left < 0 ? undefined : { ...part, arguments: cutText(part.arguments, left) }
}

/** The longest beginning of so many tokens. */
function cutText(text: string, tokens: number): string {
  let low = 0
  let high = text.length
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (estimateTokens(text.slice(0, middle)) <= tokens) low = middle
    else high = middle - 1
  }
  return text.slice(0, low)
}
