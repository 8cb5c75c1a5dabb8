import type { CountText } from './encoding.ts'
import type { TokenFamily } from './family.ts'
import type { CountableMessage, CountablePart, CountableTool } from './input.ts'
import { mediaTokens } from './media.ts'

/** Each message is wrapped in three tokens, a name takes one more, and the reply is primed with three. */
const perMessage = 3
const perName = 1
const perReply = 3
const perToolCall = 3

/** Tokens of a chat prompt by the formula OpenAI publishes, the priming of the reply included. */
export function countMessages(
  messages: readonly CountableMessage[],
  count: CountText,
  family: TokenFamily,
): number {
  return messages.reduce((sum, message) => sum + countMessage(message, count, family), perReply)
}

function countMessage(message: CountableMessage, count: CountText, family: TokenFamily): number {
  const { role, content, name, tool_calls: toolCalls } = message
  let tokens = perMessage + count(role)
  if (name !== undefined) tokens += count(name) + perName
  if (typeof content === 'string') tokens += count(content)
  else for (const part of content ?? []) tokens += countPart(part, count, family)
  for (const call of toolCalls ?? []) {
    tokens += perToolCall + count(call.function?.name ?? '') + count(call.function?.arguments ?? '')
  }
  return tokens
}

function countPart(part: CountablePart, count: CountText, family: TokenFamily): number {
  if (part.text !== undefined) return count(part.text)
  const media = mediaTokens(part, family)
  // Media are already in tokens of the family, and the caller scales the sum.
  return media === undefined ? count(JSON.stringify(part)) : media / family.factor
}

/** The constants of OpenAI's cookbook for its chat models. */
const perFunction = 7
const perProperties = 3
const perProperty = 3
const perEnum = -3
const perEnumItem = 3
const perTools = 12

/**
 * Tokens of tool definitions by OpenAI's cookbook, extended to nested schemas, which the cookbook leaves out.
 * An estimate: how a provider writes tools into the prompt is not public.
 */
export function countTools(tools: readonly CountableTool[], count: CountText): number {
  if (tools.length === 0) return 0
  return tools.reduce((sum, tool) => sum + countTool(tool, count), perTools)
}

function countTool(tool: CountableTool, count: CountText): number {
  if (tool.function === undefined) return count(JSON.stringify(tool))
  const { name, description = '', parameters } = tool.function
  return perFunction + count(`${name}:${withoutStop(description)}`) + countSchema(parameters, count)
}

function countSchema(schema: unknown, count: CountText): number {
  if (!isRecord(schema)) return 0
  const { properties, items } = schema
  let tokens = countSchema(items, count)
  if (!isRecord(properties)) return tokens
  const entries = Object.entries(properties)
  if (entries.length > 0) tokens += perProperties
  for (const [name, property] of entries) tokens += countProperty(name, property, count)
  return tokens
}

function countProperty(name: string, property: unknown, count: CountText): number {
  if (!isRecord(property)) return perProperty + count(name)
  const type = typeof property['type'] === 'string' ? property['type'] : ''
  const description = typeof property['description'] === 'string' ? property['description'] : ''
  let tokens = perProperty + count(`${name}:${type}:${withoutStop(description)}`)
  if (Array.isArray(property['enum'])) {
    const items: readonly unknown[] = property['enum']
    tokens += items.reduce<number>((sum, item) => sum + perEnumItem + count(String(item)), perEnum)
  }
  return tokens + countSchema(property, count)
}

function withoutStop(description: string): string {
  return description.endsWith('.') ? description.slice(0, -1) : description
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
