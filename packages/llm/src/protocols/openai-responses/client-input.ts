import type { Json, JsonObject } from '../../types/json.ts'
import type {
  AnswerPart,
  AssistantMessage,
  Message,
  TextPart,
  ToolResultPart,
  UserPart,
} from '../../types/message.ts'
import { checkObject, invalid, missing, optionalArray, optionalString, requiredString } from '../check.ts'
import { textOf } from '../wire.ts'
import { parseContentList, parseTexts } from './client-parts.ts'
import { dialectOf, leftOver } from './dialect.ts'
import { opaqueOf, parseItem } from './items.ts'
import type { ItemContext } from './items.ts'
import { parseCallProof } from './proof.ts'

/** Items whose meaning the provider keeps, so that no other service can serve them. */
const REFERENCES: ReadonlySet<string> = new Set(['item_reference'])

export interface ParsedInput {
  messages: Message[]
  /** The path of an item that only the service that keeps it can read. */
  nativeOnly: string | undefined
}

/** Reads `input`: a text, or a list of items. Neighbouring items of the model make one turn. */
export function parseInput(input: Json | undefined): ParsedInput {
  if (input === undefined || input === null) return { messages: [], nativeOnly: undefined }
  if (typeof input === 'string')
    return { messages: [{ role: 'user', content: [{ type: 'text', text: input }] }], nativeOnly: undefined }
  if (!Array.isArray(input)) throw invalid('input', 'a string or an array of items', input)
  const reader = new InputReader()
  input.forEach((value, index) => reader.read(checkObject(value, `input[${index}]`), `input[${index}]`))
  return { messages: reader.messages, nativeOnly: reader.nativeOnly }
}

class InputReader {
  readonly messages: Message[] = []
  nativeOnly: string | undefined
  readonly #names = new Map<string, string>()

  read(item: JsonObject, path: string): void {
    const type =
      optionalString(item, 'type', `${path}.type`) ?? (item.role === undefined ? undefined : 'message')
    if (type === undefined) throw missing(`${path}.type`)
    switch (type) {
      case 'message':
        return this.#readMessage(item, path)
      case 'function_call':
      case 'custom_tool_call':
        return this.#readCall(item, path)
      case 'function_call_output':
      case 'custom_tool_call_output':
        return this.#readResult(item, path)
      case 'reasoning':
        optionalArray(item, 'summary', `${path}.summary`)
        optionalString(item, 'encrypted_content', `${path}.encrypted_content`)
        return this.#readReasoning(item, path)
      default:
        if (REFERENCES.has(type)) this.nativeOnly ??= path
        return this.#say(
          type === 'image_generation_call' ? parseItem(item, this.#context(path)) : [opaqueOf(item)],
        )
    }
  }

  #context(path: string): ItemContext {
    return { newId: () => path, quirks: {} }
  }

  #say(parts: AnswerPart[]): void {
    const last = this.messages.at(-1)
    if (last?.role === 'assistant') last.content.push(...parts)
    else this.messages.push({ role: 'assistant', content: parts } satisfies AssistantMessage)
  }

  /** Messages without ids are told apart by their turns. */
  #separate(): void {
    const last = this.messages.at(-1)
    const part = last?.role === 'assistant' ? last.content.at(-1) : undefined
    if (part?.type === 'text' || part?.type === 'refusal')
      this.messages.push({ role: 'assistant', content: [] })
  }

  #readMessage(item: JsonObject, path: string): void {
    const role = requiredString(item, 'role', `${path}.role`)
    if (item.content === undefined || item.content === null) throw missing(`${path}.content`)
    const rest = leftOver(item, MESSAGE_FIELDS)
    switch (role) {
      case 'assistant':
        if (item.id === undefined || item.id === null) this.#separate()
        return this.#say(parseAssistant(item, path))
      case 'system':
      case 'developer': {
        const { texts, kept } = parseTexts(item.content, `${path}.content`)
        const dialect = dialectOf({ item: rest, ...(kept === undefined ? {} : { parts: kept }) })
        this.messages.push({ role, content: texts, ...(dialect === undefined ? {} : { dialect }) })
        return
      }
      case 'user': {
        const { parts, kept } = parseContentList(item.content, `${path}.content`)
        const dialect = keptOf(rest, kept)
        this.messages.push({ role, content: parts, ...(dialect === undefined ? {} : { dialect }) })
        return
      }
      default:
        throw invalid(`${path}.role`, "'user', 'assistant', 'system' or 'developer'", role)
    }
  }

  #readReasoning(item: JsonObject, path: string): void {
    const proof = parseCallProof(textOf(item.encrypted_content))
    if (proof === undefined) return this.#say(parseItem(item, this.#context(path)))
    for (const message of this.messages)
      if (message.role === 'assistant')
        for (const part of message.content)
          if (part.type === 'tool-call' && part.id === proof.call) part.signature = proof.signature
  }

  #readCall(item: JsonObject, path: string): void {
    const id = requiredString(item, 'call_id', `${path}.call_id`)
    const name = requiredString(item, 'name', `${path}.name`)
    requiredString(item, item.type === 'custom_tool_call' ? 'input' : 'arguments', `${path}.arguments`)
    this.#names.set(id, name)
    this.#say(parseItem(item, this.#context(path)))
  }

  #readResult(item: JsonObject, path: string): void {
    const toolCallId = requiredString(item, 'call_id', `${path}.call_id`)
    if (item.output === undefined || item.output === null) throw missing(`${path}.output`)
    const { parts, kept } = parseContentList(item.output, `${path}.output`)
    const toolName = this.#names.get(toolCallId)
    const rest = leftOver(item, RESULT_FIELDS)
    // Whose call it answers is told by the call; without one, by the kind of the result.
    if (item.type === 'custom_tool_call_output' && toolName === undefined) rest.type = item.type
    const dialect = keptOf(rest, kept)
    this.messages.push({
      role: 'tool',
      toolCallId,
      content: parts.filter(isToolResultPart),
      ...(toolName === undefined ? {} : { toolName }),
      ...(dialect === undefined ? {} : { dialect }),
    })
  }
}

const MESSAGE_FIELDS: ReadonlySet<string> = new Set(['type', 'role', 'content'])
const RESULT_FIELDS: ReadonlySet<string> = new Set(['type', 'call_id', 'output'])

function isToolResultPart(part: UserPart): part is ToolResultPart {
  return part.type !== 'audio'
}

function keptOf(rest: JsonObject, kept: JsonObject | undefined): ReturnType<typeof dialectOf> {
  return dialectOf({
    ...(Object.keys(rest).length > 0 ? { item: rest } : {}),
    ...(kept === undefined ? {} : { parts: kept }),
  })
}

/** What the model said, as an answer has it or in the short form with `input_text` or a bare string. */
function parseAssistant(item: JsonObject, path: string): AnswerPart[] {
  const { content } = item
  if (typeof content !== 'string' && !Array.isArray(content))
    throw invalid(`${path}.content`, 'a string or an array of parts', content)
  if (Array.isArray(content))
    content.forEach((value, index) => {
      const place = `${path}.content[${index}]`
      const part = checkObject(value, place)
      if (part.type === 'refusal') requiredString(part, 'refusal', `${place}.refusal`)
      else if (part.type === 'output_text' || part.type === 'input_text' || part.type === 'text')
        requiredString(part, 'text', `${place}.text`)
      else throw invalid(`${place}.type`, "'output_text' or 'refusal'", textOf(part.type) ?? part.type)
    })
  return parseItem({ ...item, type: 'message' }, { newId: () => path, quirks: {} })
}

/** The instructions of a request as the first message. */
export function instructionsOf(instructions: string | undefined): Message[] {
  if (instructions === undefined) return []
  const content: TextPart[] = [{ type: 'text', text: instructions }]
  return [{ role: 'system', content }]
}
