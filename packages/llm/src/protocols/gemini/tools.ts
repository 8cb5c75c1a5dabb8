import type { Json, JsonObject } from '../../types/json.ts'
import type { ChatRequest, FunctionTool, Tool, ToolChoice } from '../../types/request.ts'
import { compact, objectOf } from '../wire.ts'
import { camelKey } from './keys.ts'
import { toGeminiSchema } from './schema.ts'

/** Tools that Google runs itself, as callers of any wire may name them. */
const NATIVE = new Set([
  'googleSearch',
  'googleSearchRetrieval',
  'googleMaps',
  'enterpriseWebSearch',
  'codeExecution',
  'urlContext',
  'computerUse',
  'fileSearch',
  'retrieval',
])

/** Functions together in one tool, where the first of them stood; native tools one by one. */
export function renderTools(request: ChatRequest): JsonObject[] | undefined {
  const declarations: JsonObject[] = []
  const rendered: JsonObject[] = []
  for (const tool of request.tools ?? []) {
    if (tool.type === 'native') {
      rendered.push(...renderNative(tool))
      continue
    }
    if (declarations.length === 0) rendered.push({ functionDeclarations: declarations })
    declarations.push(renderFunction(tool))
  }
  const searches = rendered.some((tool) => tool.googleSearch !== undefined)
  if (request.webSearch !== undefined && !searches) rendered.push({ googleSearch: {} })
  return rendered.length > 0 ? rendered : undefined
}

function renderNative(tool: Extract<Tool, { type: 'native' }>): JsonObject[] {
  if (tool.protocol === 'gemini') return [tool.raw]
  const result: JsonObject = {}
  for (const key in tool.raw) if (NATIVE.has(camelKey(key))) result[camelKey(key)] = tool.raw[key]
  return Object.keys(result).length > 0 ? [result] : []
}

function renderFunction(tool: FunctionTool): JsonObject {
  return compact({ name: tool.name, description: tool.description, ...renderParameters(tool.parameters) })
}

function renderParameters(schema: JsonObject | undefined): JsonObject {
  if (schema === undefined || takesNothing(schema)) return {}
  const parameters = toGeminiSchema(schema)
  return parameters === undefined ? { parametersJsonSchema: schema } : { parameters }
}

/** An object without properties: Gemini wants no schema at all for it. */
function takesNothing(schema: JsonObject): boolean {
  const open = objectOf(schema.additionalProperties) !== undefined || schema.$ref !== undefined
  const composed = schema.anyOf !== undefined || schema.oneOf !== undefined || schema.allOf !== undefined
  return !open && !composed && Object.keys(objectOf(schema.properties) ?? {}).length === 0
}

const MODES: Readonly<Record<'auto' | 'none' | 'required', string>> = {
  auto: 'AUTO',
  none: 'NONE',
  required: 'ANY',
}

export function renderToolChoice(choice: ToolChoice | undefined): JsonObject | undefined {
  const config = callingConfig(choice)
  return config === undefined ? undefined : { functionCallingConfig: config }
}

function callingConfig(choice: ToolChoice | undefined): Json | undefined {
  if (choice === undefined) return undefined
  if (choice.type === 'native') return choice.protocol === 'gemini' ? choice.raw : undefined
  if (choice.type === 'tool') return { mode: 'ANY', allowedFunctionNames: [choice.name] }
  return { mode: MODES[choice.type] }
}
