import type { Json, JsonObject } from '../../types/json.ts'
import type { ChatRequest, FunctionTool, NativeTool, Tool, ToolChoice } from '../../types/request.ts'
import { compact, objectOf, objectsOf, stringOf } from '../wire.ts'
import { fieldsOf } from './dialect.ts'

/** The tools of a call; `own`: the client speaks this wire too. */
export function renderTools(request: ChatRequest, own: boolean): JsonObject[] | undefined {
  const tools = (request.tools ?? []).flatMap((tool): JsonObject[] =>
    tool.type === 'function' ? [renderFunction(tool, own)] : renderNative(tool),
  )
  if (request.webSearch !== undefined) tools.push(renderWebSearch(request.webSearch))
  return tools.length > 0 || (own && request.tools !== undefined) ? tools : undefined
}

/** Left unsaid, `strict` means true here and false in every other wire. */
function renderFunction(tool: FunctionTool, own: boolean): JsonObject {
  return compact({
    type: 'function',
    name: tool.name,
    description: tool.description,
    parameters: tool.parameters ?? (own ? undefined : { type: 'object', properties: {} }),
    strict: tool.strict ?? (own ? undefined : false),
    ...fieldsOf(tool.dialect),
  })
}

/** Tools of this wire as they are; those of chat completions differ in that a custom tool is nested. */
function renderNative({ protocol, raw }: NativeTool): JsonObject[] {
  if (protocol === 'openai-responses') return [raw]
  if (protocol !== 'openai-chat') return []
  const custom = objectOf(raw.custom)
  if (custom === undefined) return [raw]
  const format = objectOf(custom.format)
  const grammar = objectOf(format?.grammar)
  return [
    compact({
      type: 'custom',
      ...custom,
      format: grammar === undefined ? format : { type: 'grammar', ...grammar },
    }),
  ]
}

/** Chat completions' `web_search_options` as the search tool. */
function renderWebSearch(options: JsonObject): JsonObject {
  const location = objectOf(options.user_location)
  const place = objectOf(location?.approximate) ?? location
  return compact({
    type: 'web_search',
    search_context_size: options.search_context_size,
    user_location: place === undefined ? undefined : { ...place, type: 'approximate' },
  })
}

export function renderToolChoice(choice: ToolChoice | undefined, tools: readonly Tool[]): Json | undefined {
  if (choice === undefined) return undefined
  if (choice.type === 'tool') return { type: kindOf(choice.name, tools), name: choice.name }
  if (choice.type !== 'native') return choice.type
  if (choice.protocol === 'openai-responses') return choice.raw
  return choice.protocol === 'openai-chat' ? flatChoice(choice.raw) : undefined
}

function kindOf(name: string, tools: readonly Tool[]): string {
  const custom = tools.some(
    (tool) =>
      tool.type === 'native' &&
      tool.raw.type === 'custom' &&
      (objectOf(tool.raw.custom)?.name ?? tool.raw.name) === name,
  )
  return custom ? 'custom' : 'function'
}

/** Chat completions' choice objects, whose fields stand one level deeper. */
function flatChoice(raw: Json): Json {
  const choice = objectOf(raw)
  if (choice === undefined) return raw
  const custom = objectOf(choice.custom)
  if (custom !== undefined) return { type: 'custom', ...custom }
  const allowed = objectOf(choice.allowed_tools)
  if (allowed === undefined) return raw
  return compact({
    type: 'allowed_tools',
    mode: allowed.mode,
    tools: objectsOf(allowed.tools).map((tool) => {
      const kind = stringOf(tool.type) ?? 'function'
      return { type: kind, ...objectOf(tool[kind]) }
    }),
  })
}
