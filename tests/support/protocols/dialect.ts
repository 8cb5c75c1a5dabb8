import type { ContentFault } from '../fault-plan.ts'

export type Json = Record<string, unknown>

/** One server-sent event; `name` is its `event:` field where the dialect uses one. */
export interface SseEvent {
  name?: string
  data: string
}

/** What a request asks for, whatever dialect it came in. */
export interface Ask {
  model: string
  stream: boolean
  /** All text of the prompt, for counting. */
  prompt: string
  lastUserText: string
  imageCount: number
  tools: Array<{ name: string; schema: unknown }>
  /** Name of the tool that must be called, or when to call the first. */
  toolChoice: 'auto' | 'required' | 'none' | { name: string }
  /** The text of the tool result that ends the conversation, if one does. */
  toolResult: string | undefined
  format: { type: 'text' } | { type: 'json' } | { type: 'schema'; schema: unknown }
  /** Largest number of output tokens (here: words). */
  maxTokens: number | undefined
}

/** The content of an answer, before a dialect writes it. */
export interface Reply {
  id: string
  created: unknown
  model: string
  deltas: string[]
  toolCalls: Array<{ id: string; name: string; arguments: unknown; argumentsText: string }>
  inputTokens: number
  outputTokens: number
  finish: 'stop' | 'length' | 'tool_calls'
  fault: ContentFault
}

/** Usage as a faulty provider reports it; undefined when it reports none. */
export function reportedUsage(reply: Reply): { input: number; output: number } | undefined {
  const { inputTokens: input, outputTokens: output } = reply
  switch (reply.fault.usage) {
    case 'none':
      return undefined
    case 'zero':
      return { input: 0, output: 0 }
    case 'negative':
      return { input: -input, output: -output }
    case 'absurd':
      return { input: 1e15, output: 1e15 }
    default:
      return { input, output }
  }
}

/** The events of several calls: one call after the other, or as the fault has it. */
export function inOrder<Event>(calls: readonly Event[][], { tools }: ContentFault): Event[] {
  if (tools === 'reversed') return calls.toReversed().flat()
  if (tools !== 'interleaved') return calls.flat()
  const longest = Math.max(0, ...calls.map((events) => events.length))
  return Array.from({ length: longest }, (_, at) =>
    calls.flatMap((events) => events.slice(at, at + 1)),
  ).flat()
}

/** The pieces in which tool arguments are streamed. */
export function pieces(text: string, size = 8): string[] {
  return text.match(new RegExp(`[^]{1,${size}}`, 'gu')) ?? ['']
}
