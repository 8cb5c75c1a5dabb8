import type { AnswerChoice, ChatRequest, Json, Tool } from '@switchyard/llm/kit'
import type { Hints } from './sample.ts'
import { sampleOf } from './sample.ts'

export type Part = AnswerChoice['parts'][number]
type FunctionTool = Extract<Tool, { type: 'function' }>
type Message = ChatRequest['messages'][number]

const SELF = "I am Switchyard's offline demo model."
/** Longer prompts are repeated up to here. */
const MAX_ECHO = 2_000

/**
 * What the demo model says to a request, before any limit: a tool call where a tool is offered and has not been
 * used, a value of the schema where one is asked for, else what was said to it.
 */
export function replyTo(request: ChatRequest, newId: () => string): Part[] {
  const { turn, results } = lastTurn(request.messages)
  const said = textOf(turn)
  const thought: Part[] = isThinking(request) ? [{ type: 'reasoning', text: thoughtOf(request) }] : []
  const tools = results.length > 0 ? [] : chosenTools(request, said)
  if (tools.length > 0) {
    const hints = hintsOf(said)
    const calls = tools.map((tool): Part => ({
      type: 'tool-call',
      id: `call_${newId().replaceAll('-', '')}`,
      name: tool.name,
      arguments: JSON.stringify(argumentsOf(tool, hints)),
    }))
    return [...thought, ...calls]
  }
  return [...thought, { type: 'text', text: textReply(request, turn, said, results) }]
}

function textReply(
  request: ChatRequest,
  turn: readonly Message[],
  said: string,
  results: readonly string[],
): string {
  const format = request.responseFormat
  if (format?.type === 'json-schema') return JSON.stringify(sampleOf(format.schema, hintsOf(said)))
  const lines = results.length > 0 ? results : [`You said: ${shorten(said)}`]
  const text = [SELF, ...lines, ...mediaLines(turn)].join(' ')
  return format?.type === 'json' ? JSON.stringify({ message: text }) : text
}

/** What was said since the model last spoke, and what its tools returned. */
function lastTurn(messages: readonly Message[]): { turn: Message[]; results: string[] } {
  const spoken = messages.findLastIndex(({ role }) => role === 'assistant')
  const turn = messages.slice(spoken + 1)
  const last = messages[spoken]
  const names = new Map<string, string>()
  for (const part of last?.role === 'assistant' ? last.content : [])
    if (part.type === 'tool-call') names.set(part.id, part.name)
  const results = turn.flatMap((message) => {
    if (message.role !== 'tool') return []
    const name = message.toolName ?? names.get(message.toolCallId) ?? message.toolCallId
    const outcome = message.isError === true ? 'failed' : 'answered'
    return [`The tool ${name} ${outcome}: ${shorten(textOf([message], 'tool'))}`]
  })
  return { turn, results }
}

function textOf(messages: readonly Message[], role: Message['role'] = 'user'): string {
  const texts = messages.flatMap((message) =>
    message.role === role ? message.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])) : [],
  )
  return texts.join('\n')
}

function mediaLines(turn: readonly Message[]): string[] {
  const types = turn.flatMap(({ content }) => content.map(({ type }) => type))
  const kinds = [
    ['image', 'image', 'images'],
    ['audio', 'sound', 'sounds'],
    ['file', 'file', 'files'],
  ] as const
  return kinds.flatMap(([type, one, many]) => {
    const count = types.filter((found) => found === type).length
    return count === 0 ? [] : [`With it came ${count} ${count === 1 ? one : many}, which I cannot look into.`]
  })
}

function shorten(text: string): string {
  return text.length <= MAX_ECHO ? text : `${text.slice(0, MAX_ECHO)}… (${text.length} characters)`
}

/** The tool that the caller named; else those that the user names; else the first. */
function chosenTools(request: ChatRequest, said: string): FunctionTool[] {
  const tools = (request.tools ?? []).filter((tool) => tool.type === 'function')
  const choice = request.toolChoice
  if (choice?.type === 'none') return []
  if (choice?.type === 'tool') return tools.filter(({ name }) => name === choice.name).slice(0, 1)
  if (said.trim() === '' && choice?.type !== 'required') return []
  const named = tools.filter(({ name }) => said.toLowerCase().includes(name.toLowerCase()))
  if (named.length === 0) return tools.slice(0, 1)
  return request.parallelToolCalls === false ? named.slice(0, 1) : named
}

function argumentsOf({ parameters }: FunctionTool, hints: Hints): Json {
  return parameters === undefined ? {} : sampleOf({ type: 'object', ...parameters }, hints)
}

/** Strings: what is in quotes, else names inside a sentence, else all of it. */
function hintsOf(said: string): Hints {
  const text = said.slice(0, MAX_ECHO)
  const quoted = [...text.matchAll(/["“]([^"“”]+)["”]/g)].map((found) => found[1] ?? '')
  const names = [...text.matchAll(/(?<=[\p{L}\p{N},] )\p{Lu}[\p{L}\p{N}]+(?: \p{Lu}[\p{L}\p{N}]+)*/gu)].map(
    ([name]) => name,
  )
  const numbers = [...text.matchAll(/-?\d+(?:\.\d+)?/g)].map(([number]) => Number(number))
  const strings = [quoted, names, [text]].find((found) => found.length > 0) ?? []
  return { strings, numbers }
}

function isThinking({ reasoning }: ChatRequest): boolean {
  if (reasoning === undefined || reasoning.mode === 'disabled' || reasoning.effort === 'none') return false
  return (
    reasoning.effort !== undefined || reasoning.budgetTokens !== undefined || reasoning.mode !== undefined
  )
}

function thoughtOf({ reasoning }: ChatRequest): string {
  const effort = reasoning?.effort === undefined ? '' : ` Effort: ${reasoning.effort}.`
  return `I do not think: I repeat what I was told, call a tool, or fill in a schema.${effort}`
}
