import { createError } from '../../errors.ts'
import type { JsonObject } from '../../types/json.ts'
import type {
  AnswerPart,
  Message,
  TextPart,
  ToolMessage,
  ToolResultPart,
  UserPart,
} from '../../types/message.ts'
import { checkObject, invalid, optionalArray, optionalString, requiredArray } from '../check.ts'
import { objectOf, parseJson, stringOf, textOf } from '../wire.ts'
import { madeCallId } from './ids.ts'
import { camelKeys } from './keys.ts'
import { parseMedia } from './media.ts'
import { parsePart } from './parts.ts'

const PART_KINDS =
  'a part with text, inlineData, fileData, functionCall, functionResponse, executableCode or codeExecutionResult'

/** Reads `systemInstruction`: a content, or the bare text that some clients send. */
export function parseInstruction(body: JsonObject): Message[] {
  const value = body.systemInstruction
  if (value === undefined || value === null) return []
  if (typeof value === 'string') return [{ role: 'system', content: [{ type: 'text', text: value }] }]
  const parts = requiredArray(checkObject(value, 'systemInstruction'), 'parts', 'systemInstruction.parts')
  const content = parts.map((part, index): TextPart => {
    const path = `systemInstruction.parts[${index}]`
    const text = optionalString(checkObject(part, path), 'text', `${path}.text`)
    if (text === undefined) throw invalid(path, 'a part with text', part)
    return { type: 'text', text }
  })
  return content.length > 0 ? [{ role: 'system', content }] : []
}

/** Reads `contents`. Turns hold tool results beside the user's own words; these become messages of their own. */
export function parseContents(body: JsonObject): Message[] {
  const calls = new CallIds()
  return requiredArray(body, 'contents').flatMap((value, index) => {
    const path = `contents[${index}]`
    const content = checkObject(value, path)
    const parts = (optionalArray(content, 'parts', `${path}.parts`) ?? []).map((part, position) =>
      readPart(checkObject(part, `${path}.parts[${position}]`)),
    )
    const role = optionalString(content, 'role', `${path}.role`) ?? 'user'
    if (role === 'model') return parseModelTurn(parts, path, calls)
    if (role === 'user' || role === 'function' || role === 'tool') return parseUserTurn(parts, path, calls)
    throw createError({
      code: 'bad_request',
      message: `Invalid value for '${path}.role': expected one of 'user', 'model'.`,
      param: `${path}.role`,
      providerCode: 'invalid_value',
    })
  })
}

function readPart(part: JsonObject): JsonObject {
  const read = camelKeys(part)
  const call = objectOf(read.functionCall)
  return call === undefined ? read : { ...read, functionCall: camelKeys(call) }
}

function parseModelTurn(parts: readonly JsonObject[], path: string, calls: CallIds): Message[] {
  const content = parts.flatMap((part, index): AnswerPart[] => {
    checkText(part, `${path}.parts[${index}]`)
    const call = objectOf(part.functionCall)
    if (call !== undefined && textOf(call.name) === undefined)
      throw invalid(`${path}.parts[${index}].functionCall.name`, 'a string', call.name)
    const parsed = parsePart(part, () => calls.make())
    if (parsed?.type === 'tool-call') calls.asked(parsed.id, parsed.name)
    return parsed === undefined ? [] : [parsed]
  })
  return content.length > 0 ? [{ role: 'assistant', content }] : []
}

function parseUserTurn(parts: readonly JsonObject[], path: string, calls: CallIds): Message[] {
  const messages: Message[] = []
  for (const [index, part] of parts.entries()) {
    const place = `${path}.parts[${index}]`
    const response = objectOf(part.functionResponse)
    if (response !== undefined) {
      messages.push(parseResult(camelKeys(response), `${place}.functionResponse`, calls))
      continue
    }
    const read = parseUserPart(part, place)
    const previous = messages.at(-1)
    if (previous?.role === 'user') previous.content.push(read)
    else messages.push({ role: 'user', content: [read] })
  }
  return messages
}

function parseUserPart(part: JsonObject, path: string): UserPart {
  checkText(part, path)
  const media = parseMedia(part)
  if (media !== undefined) return media
  if (typeof part.text !== 'string') throw invalid(path, PART_KINDS, part)
  return { type: 'text', text: part.text }
}

function checkText(part: JsonObject, path: string): void {
  if (part.text !== undefined && typeof part.text !== 'string')
    throw invalid(`${path}.text`, 'a string', part.text)
}

function parseResult(response: JsonObject, path: string, calls: CallIds): ToolMessage {
  const toolName = textOf(response.name)
  if (toolName === undefined) throw invalid(`${path}.name`, 'a string', response.name)
  const value = checkObject(response.response ?? {}, `${path}.response`)
  const media = (optionalArray(response, 'parts', `${path}.parts`) ?? []).flatMap(
    (part): ToolResultPart[] => {
      const read = parseMedia(camelKeys(objectOf(part) ?? {}))
      return read === undefined ? [] : [read.type === 'audio' ? { type: 'file', source: read.source } : read]
    },
  )
  const { text, isError } = readResponse(value)
  const silent = media.length > 0 && Object.keys(value).length === 0
  return {
    role: 'tool',
    toolCallId: calls.answered(textOf(response.id), toolName),
    toolName,
    content: [...(silent ? [] : [{ type: 'text' as const, text }]), ...media],
    ...(isError ? { isError } : {}),
  }
}

/** A result under `output` or `error` alone is plain text; any other object stays JSON. */
function readResponse(response: JsonObject): { text: string; isError: boolean } {
  const [key, ...more] = Object.keys(response)
  const value = key === undefined ? undefined : stringOf(response[key])
  if (more.length === 0 && value !== undefined) {
    if (key === 'error') return { text: value, isError: true }
    if (key === 'output' && objectOf(parseJson(value)) === undefined) return { text: value, isError: false }
  }
  return { text: JSON.stringify(response), isError: false }
}

/** Gives calls without an id one, and finds the call that a result without an id answers: the first open one of its name. */
class CallIds {
  #count = 0
  readonly #open: { id: string; name: string }[] = []

  make(): string {
    return madeCallId(this.#count++)
  }

  asked(id: string, name: string): void {
    this.#open.push({ id, name })
  }

  answered(id: string | undefined, name: string): string {
    const index = this.#open.findIndex((call) => (id === undefined ? call.name === name : call.id === id))
    const [call] = index < 0 ? [] : this.#open.splice(index, 1)
    return call?.id ?? id ?? this.make()
  }
}
