import type { ContentFault, FaultPlan } from '../fault-plan.ts'
import { synthesize } from '../synthesize.ts'
import type { Ask, Reply } from './dialect.ts'

/** Text every flawed-UTF-8 test can be cut in; an echo of several-byte characters serves as well. */
const multibyteText = 'Grüße aus 東京 🗼 und Zürich'

/**
 * The answer to an ask, a pure function of it: a call of the first tool while tools are offered and no result
 * has come back (where a fault makes it two, of the second one as well), a value of the schema when one is asked for, else an echo. One word counts as one token.
 */
export function replyTo(ask: Ask, id: string, plan: FaultPlan): Reply {
  const fault: ContentFault = plan.content ?? {}
  const toolCalls = callsFor(ask, id, fault)
  const words = toolCalls.length > 0 ? [] : wordsFor(ask, plan)
  const deltas = plan.bulk || ask.maxTokens === undefined ? words : words.slice(0, ask.maxTokens)
  const outputTokens =
    deltas.length + toolCalls.reduce((sum, call) => sum + countWords(call.argumentsText), 0)
  const identities = { same: 'always-the-same', empty: '' }
  return {
    id: fault.identity ? identities[fault.identity] : id,
    created: fault.created ?? 1_767_225_600,
    model: fault.servedModel ?? ask.model,
    deltas,
    toolCalls,
    inputTokens: countWords(ask.prompt) + 85 * ask.imageCount,
    outputTokens,
    finish: toolCalls.length > 0 ? 'tool_calls' : deltas.length < words.length ? 'length' : 'stop',
    fault,
  }
}

function callsFor(ask: Ask, id: string, fault: ContentFault): Reply['toolCalls'] {
  const { toolChoice } = ask
  const wanted = typeof toolChoice === 'object' ? toolChoice.name : undefined
  const offered = ask.tools.filter(({ name }) => wanted === undefined || name === wanted)
  const [tool] = offered
  const answersResult = ask.toolResult !== undefined && toolChoice === 'auto'
  if (!tool || toolChoice === 'none' || answersResult) return []
  const twice = fault.tools !== undefined && TWICE.has(fault.tools)
  return Array.from({ length: twice ? 2 : 1 }, (_, at) => {
    const { name, schema } = offered[at] ?? tool
    const value = synthesize(schema)
    const text = JSON.stringify(value)
    return {
      id: `call_${id}_${at}`,
      name,
      arguments: value,
      argumentsText: fault.tools === 'bad-json' ? `${text.slice(0, -1)},` : text,
    }
  })
}

/** Where one call alone would show nothing. */
const TWICE: ReadonlySet<NonNullable<ContentFault['tools']>> = new Set([
  'interleaved',
  'reversed',
  'same-index',
])

function wordsFor(ask: Ask, plan: FaultPlan): string[] {
  if (plan.bulk) {
    const { bytes, deltaBytes } = plan.bulk
    const delta = 'x'.repeat(deltaBytes)
    return Array.from({ length: Math.ceil(bytes / deltaBytes) }, () => delta)
  }
  const plain = textFor(ask)
  const text = plan.content?.multibyte && Buffer.byteLength(plain) === plain.length ? multibyteText : plain
  return text.match(/\s*\S+/g) ?? ['']
}

function textFor(ask: Ask): string {
  if (ask.format.type === 'schema') return JSON.stringify(synthesize(ask.format.schema))
  if (ask.format.type === 'json') return JSON.stringify({ echo: ask.lastUserText })
  if (ask.toolResult !== undefined) return `The tool said: ${ask.toolResult}`
  const seen = ask.imageCount > 0 ? ` (images: ${ask.imageCount})` : ''
  return `You said: ${ask.lastUserText}${seen}`
}

function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0
}
