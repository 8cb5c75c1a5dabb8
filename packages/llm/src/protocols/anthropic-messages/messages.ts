import type { JsonObject } from '../../types/json.ts'
import type { AssistantMessage, Message, SystemMessage } from '../../types/message.ts'
import { placeBlocks, renderAnswerPart, renderText, renderToolResult, renderUserPart } from './blocks.ts'

interface Turn {
  role: string
  content: JsonObject[]
}

/** The conversation as this wire has it: instructions apart, neighbours of one role joined. */
export interface Conversation {
  system: JsonObject[]
  messages: JsonObject[]
}

export function renderConversation(messages: readonly Message[]): Conversation {
  const system: JsonObject[] = []
  const turns: Turn[] = []
  for (const message of messages) {
    if (isInstruction(message)) {
      if (standsInPlace(message)) turns.push({ role: 'system', content: renderSystem(message) })
      else system.push(...renderSystem(message))
      continue
    }
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const content = renderContent(message)
    const previous = turns.at(-1)
    if (previous?.role === role) previous.content.push(...content)
    else turns.push({ role, content })
  }
  const last = turns.at(-1)
  if (last?.role === 'assistant') trimEnd(last)
  return {
    system,
    messages: turns
      .filter((turn) => turn.content.length > 0)
      .map(({ role, content }) => ({ role, content: role === 'user' ? resultsFirst(content) : content })),
  }
}

function isInstruction(message: Message): message is SystemMessage {
  return message.role === 'system' || message.role === 'developer'
}

/** Claude takes instructions between turns from clients that put them there in this wire's own way. */
function standsInPlace(message: SystemMessage): boolean {
  return message.dialect?.protocol === 'anthropic-messages' && message.dialect.fields.inPlace === true
}

function renderSystem(message: SystemMessage): JsonObject[] {
  return placeBlocks(message.content.map(renderText), message.dialect)
}

function renderContent(message: Exclude<Message, SystemMessage>): JsonObject[] {
  switch (message.role) {
    case 'user':
      return placeBlocks(message.content.map(renderUserPart), message.dialect)
    case 'tool':
      return [renderToolResult(message)]
    case 'assistant':
      return renderAssistant(message)
  }
}

function renderAssistant(message: AssistantMessage): JsonObject[] {
  return message.content.flatMap(renderAnswerPart)
}

/** Results of tools must stand before anything else of a user's turn. */
function resultsFirst(content: JsonObject[]): JsonObject[] {
  const results = content.filter((block) => block.type === 'tool_result')
  return results.length === 0
    ? content
    : [...results, ...content.filter((block) => block.type !== 'tool_result')]
}

/** A beginning that the model is to continue must not end in white space. */
function trimEnd(turn: Turn): void {
  const last = turn.content.at(-1)
  if (last?.type === 'text' && typeof last.text === 'string')
    turn.content[turn.content.length - 1] = { ...last, text: last.text.trimEnd() }
}
