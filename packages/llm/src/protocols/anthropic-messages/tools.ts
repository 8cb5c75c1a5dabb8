import type { JsonObject } from '../../types/json.ts'
import type { ChatRequest, FunctionTool, Tool, ToolChoice } from '../../types/request.ts'
import type { Quirks } from '../../types/quirks.ts'
import { compact, objectOf, textOf } from '../wire.ts'
import { renderCacheControl } from './blocks.ts'
import { JSON_ANSWER_TOOL } from './json-answer.ts'

export function renderTools(tools: readonly Tool[] | undefined, quirks: Quirks): JsonObject[] {
  return (tools ?? []).flatMap((tool): JsonObject[] => {
    if (tool.type === 'native') return tool.protocol === 'anthropic-messages' ? [tool.raw] : []
    return [renderFunctionTool(tool, quirks)]
  })
}

function renderFunctionTool(tool: FunctionTool, quirks: Quirks): JsonObject {
  return compact({
    name: tool.name,
    description: tool.description,
    input_schema: { type: 'object', ...(tool.parameters ?? { properties: {} }) },
    // Models that lack structured output refuse the word.
    strict: tool.strict === true && quirks.jsonSchema === 'native' ? true : undefined,
    cache_control: renderCacheControl(tool.cacheControl),
    ...(tool.dialect?.protocol === 'anthropic-messages' ? tool.dialect.fields : {}),
  })
}

/** Searches a `search_context_size` is worth (LiteLLM's figures). */
const SEARCHES: Readonly<Record<string, number>> = { low: 1, medium: 5, high: 10 }

/** OpenAI's `web_search_options` as Anthropic's own search tool. */
export function renderWebSearch(options: JsonObject): JsonObject {
  const location = objectOf(options.user_location)
  const place = objectOf(location?.approximate) ?? location
  const userLocation =
    place === undefined
      ? undefined
      : compact({
          type: 'approximate',
          city: textOf(place.city),
          region: textOf(place.region),
          country: textOf(place.country),
          timezone: textOf(place.timezone),
        })
  return compact({
    type: 'web_search_20250305',
    name: 'web_search',
    max_uses: SEARCHES[textOf(options.search_context_size) ?? ''],
    user_location: userLocation,
  })
}

export interface ToolChoiceFacts {
  /** Some tool other than the JSON answer's is offered. */
  hasTools: boolean
  /** The answer is to come through the tool that carries JSON. */
  hasJsonTool: boolean
  /** Thinking is on: no tool can be forced. */
  thinking: boolean
}

export function renderToolChoice(request: ChatRequest, facts: ToolChoiceFacts): JsonObject | undefined {
  const { hasTools, hasJsonTool, thinking } = facts
  if (!hasTools && !hasJsonTool) return undefined
  const choice = hasJsonTool
    ? jsonToolChoice(request.toolChoice, hasTools, thinking)
    : choiceOf(request.toolChoice)
  const parallel = request.parallelToolCalls
  if (choice === undefined)
    return parallel === false && hasTools ? { type: 'auto', disable_parallel_tool_use: true } : undefined
  if (choice.type === 'none' || parallel === undefined) return choice
  return { ...choice, disable_parallel_tool_use: !parallel }
}

function choiceOf(choice: ToolChoice | undefined): JsonObject | undefined {
  if (choice === undefined) return undefined
  switch (choice.type) {
    case 'required':
      return { type: 'any' }
    case 'tool':
      return { type: 'tool', name: choice.name }
    case 'native':
      return choice.protocol === 'anthropic-messages' ? objectOf(choice.raw) : undefined
    default:
      return { type: choice.type }
  }
}

function jsonToolChoice(
  choice: ToolChoice | undefined,
  hasTools: boolean,
  thinking: boolean,
): JsonObject | undefined {
  if (choice?.type === 'tool') return { type: 'tool', name: choice.name }
  if (thinking) return undefined
  return hasTools && choice?.type !== 'none' ? { type: 'any' } : { type: 'tool', name: JSON_ANSWER_TOOL }
}
