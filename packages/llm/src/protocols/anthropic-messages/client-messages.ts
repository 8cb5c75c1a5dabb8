import { createError } from '../../errors.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type {
  Message,
  SystemMessage,
  TextPart,
  ToolMessage,
  ToolResultPart,
  UserMessage,
  UserPart,
} from '../../types/message.ts'
import { checkObject, optionalBoolean, optionalWord, requiredString } from '../check.ts'
import {
  dialectOf,
  parseAssistantBlock,
  parseBlockList,
  parseCacheControl,
  parseText,
  parseUserBlock,
} from './client-blocks.ts'

/** The `system` field: a text or a list of texts. */
export function parseSystem(system: Json | undefined): SystemMessage[] {
  if (system === undefined || system === null) return []
  const content = parseBlockList(system, 'system').map(({ block, path }) => parseText(block, path))
  return content.length === 0 ? [] : [{ role: 'system', content }]
}

export function parseMessages(messages: readonly Json[]): Message[] {
  const toolNames = new Map<string, string>()
  const parsed = messages.flatMap((value, index) => parseMessage(value, `messages[${index}]`, toolNames))
  const last = parsed.at(-1)
  if (last?.role === 'assistant' && last.content.every((part) => part.type === 'text')) last.prefix = true
  return parsed
}

function parseMessage(value: Json, path: string, toolNames: Map<string, string>): Message[] {
  const message = checkObject(value, path)
  requiredString(message, 'role', `${path}.role`)
  const role = optionalWord(message, 'role', ['user', 'assistant', 'system'], `${path}.role`)
  const blocks = parseBlockList(message.content, `${path}.content`)
  if (role === 'assistant') {
    const content = blocks.map(({ block, path: place }) => parseAssistantBlock(block, place))
    for (const part of content) if (part.type === 'tool-call') toolNames.set(part.id, part.name)
    return [{ role, content }]
  }
  return role === 'system' ? [parseSystemTurn(blocks)] : parseUserTurn(blocks, toolNames)
}

type Blocks = ReturnType<typeof parseBlockList>

/** Instructions between turns: they keep their place on this wire, and are instructions like any other elsewhere. */
function parseSystemTurn(blocks: Blocks): SystemMessage {
  const content: TextPart[] = []
  const kept: JsonObject[] = []
  blocks.forEach(({ block, path }, at) => {
    if (block.type === 'text') content.push(parseText(block, path))
    else kept.push({ at, block })
  })
  return {
    role: 'system',
    content,
    dialect: {
      protocol: 'anthropic-messages',
      fields: { inPlace: true, ...(kept.length > 0 ? { blocks: kept } : {}) },
    },
  }
}

/** A user's turn: the results of tools, each a message of its own, then the rest. */
function parseUserTurn(blocks: Blocks, toolNames: ReadonlyMap<string, string>): Message[] {
  const results: ToolMessage[] = []
  const content: UserPart[] = []
  const kept: JsonObject[] = []
  for (const { block, path } of blocks) {
    if (block.type === 'tool_result') {
      results.push(parseToolResult(block, path, toolNames))
      continue
    }
    const part = parseUserBlock(block, path)
    if (part === undefined) kept.push({ at: content.length + kept.length, block })
    else content.push(part)
  }
  if (content.length === 0 && kept.length === 0) return results
  const dialect = kept.length === 0 ? undefined : dialectOf({ blocks: kept })
  const user: UserMessage = { role: 'user', content, ...(dialect === undefined ? {} : { dialect }) }
  return [...results, user]
}

function parseToolResult(
  block: JsonObject,
  path: string,
  toolNames: ReadonlyMap<string, string>,
): ToolMessage {
  const toolCallId = requiredString(block, 'tool_use_id', `${path}.tool_use_id`)
  if (toolCallId === '')
    throw createError({
      code: 'bad_request',
      message: `Invalid value for '${path}.tool_use_id': expected the id of a tool_use block, got an empty string.`,
      param: `${path}.tool_use_id`,
      reason: 'invalid_value',
    })
  const content: ToolResultPart[] = []
  const kept: JsonObject[] = []
  const absent = block.content === undefined || block.content === null
  const blocks = absent ? [] : parseBlockList(block.content, `${path}.content`)
  blocks.forEach(({ block: inner, path: place }, at) => {
    const part = parseUserBlock(inner, place)
    if (part === undefined) kept.push({ at, block: inner })
    else content.push(part)
  })
  const toolName = toolNames.get(toolCallId)
  const isError = optionalBoolean(block, 'is_error', `${path}.is_error`)
  const cacheControl = parseCacheControl(block, path)
  const dialect = kept.length === 0 ? undefined : dialectOf({ blocks: kept })
  return {
    role: 'tool',
    toolCallId,
    content,
    ...(toolName === undefined ? {} : { toolName }),
    ...(isError === undefined ? {} : { isError }),
    ...(cacheControl === undefined ? {} : { cacheControl }),
    ...(dialect === undefined ? {} : { dialect }),
  }
}
