import type { Json, JsonObject } from '../../types/json.ts'
import type { Message } from '../../types/message.ts'
import type { ChatRequest, FunctionTool, ResponseFormat, ToolChoice } from '../../types/request.ts'
import { JSON_ANSWER_TOOL } from '../anthropic-messages/json-answer.ts'
import { jsonAnswerTool } from './json-answer.ts'
import { cachePoints } from './messages.ts'

export interface ToolSettings {
  /** Answer by calling the tool that holds this schema. */
  jsonAnswer?: Extract<ResponseFormat, { type: 'json-schema' }> | undefined
  /** The model knows `strict` tools. */
  strict: boolean
  /** A certain call cannot be demanded while the model thinks. */
  thinking: boolean
}

/** `toolConfig`, or `undefined` where no tool is to be offered. */
export function renderToolConfig(request: ChatRequest, settings: ToolSettings): JsonObject | undefined {
  const past = pastToolNames(request.messages)
  // Bedrock refuses a history with calls unless tools are declared, even when none may be called.
  if (request.toolChoice?.type === 'none' && past.length === 0 && settings.jsonAnswer === undefined)
    return undefined
  const tools: Json[] = (request.tools ?? []).flatMap((tool): JsonObject[] => {
    if (tool.type === 'function')
      return [renderTool(tool, settings.strict), ...cachePoints(tool.cacheControl)]
    return tool.protocol === 'bedrock-converse' ? [tool.raw] : []
  })
  const given = tools.length > 0
  if (!given) for (const name of past) tools.push(renderTool({ type: 'function', name }, false))
  if (settings.jsonAnswer !== undefined) tools.push(jsonAnswerTool(settings.jsonAnswer))
  if (tools.length === 0) return undefined
  const toolChoice =
    settings.jsonAnswer === undefined
      ? given
        ? renderToolChoice(request.toolChoice)
        : undefined
      : jsonToolChoice(given ? request.toolChoice : { type: 'none' }, settings.thinking, given)
  return toolChoice === undefined ? { tools } : { tools, toolChoice }
}

function renderTool(tool: FunctionTool, strict: boolean): JsonObject {
  const toolSpec: JsonObject = { name: tool.name }
  if (tool.description !== undefined && tool.description.trim() !== '')
    toolSpec['description'] = tool.description
  toolSpec['inputSchema'] = { json: schemaOf(tool.parameters) }
  if (strict && tool.strict === true) toolSpec['strict'] = true
  return { toolSpec }
}

function schemaOf(parameters: JsonObject | undefined): JsonObject {
  if (parameters === undefined) return { type: 'object', properties: {} }
  return parameters['type'] === undefined ? { type: 'object', ...parameters } : parameters
}

/** Bedrock knows no `none`: nothing is said and the model is trusted. */
function renderToolChoice(choice: ToolChoice | undefined): Json | undefined {
  switch (choice?.type) {
    case 'auto':
      return { auto: {} }
    case 'required':
      return { any: {} }
    case 'tool':
      return { tool: { name: choice.name } }
    case 'native':
      return choice.protocol === 'bedrock-converse' ? choice.raw : undefined
    default:
      return undefined
  }
}

/** Alone, the answering tool is demanded; beside others the model must call one, its own choice which. */
function jsonToolChoice(
  choice: ToolChoice | undefined,
  thinking: boolean,
  others: boolean,
): Json | undefined {
  if (thinking) return { auto: {} }
  if (others && choice?.type === 'tool') return { tool: { name: choice.name } }
  if (others && choice?.type !== 'none') return { any: {} }
  return { tool: { name: JSON_ANSWER_TOOL } }
}

function pastToolNames(messages: readonly Message[]): string[] {
  const names = new Set<string>()
  for (const message of messages) {
    if (message.role === 'assistant')
      for (const part of message.content) if (part.type === 'tool-call') names.add(part.name)
    if (message.role === 'tool' && names.size === 0) names.add(message.toolName ?? 'tool')
  }
  return [...names]
}
