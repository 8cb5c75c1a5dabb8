import type { JsonObject } from '../../types/json.ts'
import type { FunctionTool, Tool, ToolChoice } from '../../types/request.ts'
import { checkObject, optionalArray, optionalObject, optionalString, requiredString } from '../check.ts'
import { arrayOf } from '../wire.ts'
import { camelKeys } from './keys.ts'
import { fromGeminiSchema } from './schema.ts'

/** Reads `tools`: functions one by one, and every tool of Google's own as it is. */
export function parseTools(body: JsonObject): Tool[] | undefined {
  const tools = optionalArray(body, 'tools')?.flatMap((value, index): Tool[] => {
    const { functionDeclarations: _functions, ...natives } = camelKeys(checkObject(value, `tools[${index}]`))
    const path = `tools[${index}].functionDeclarations`
    const functions = optionalArray({ functionDeclarations: _functions }, 'functionDeclarations', path) ?? []
    return [
      ...functions.map((declaration, position) =>
        parseFunction(checkObject(declaration, `${path}[${position}]`), `${path}[${position}]`),
      ),
      ...Object.entries(natives).map(([key, raw]): Tool => ({
        type: 'native',
        protocol: 'gemini',
        raw: { [key]: raw },
      })),
    ]
  })
  return tools === undefined || tools.length === 0 ? undefined : tools
}

function parseFunction(declaration: JsonObject, path: string): FunctionTool {
  const fields = camelKeys(declaration)
  const own = optionalObject(fields, 'parameters', `${path}.parameters`)
  const parameters =
    optionalObject(fields, 'parametersJsonSchema', `${path}.parametersJsonSchema`) ??
    (own === undefined ? undefined : fromGeminiSchema(own))
  const description = optionalString(fields, 'description', `${path}.description`)
  return {
    type: 'function',
    name: requiredString(fields, 'name', `${path}.name`),
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
  }
}

const CHOICES: Readonly<Record<string, 'auto' | 'none' | 'required'>> = {
  AUTO: 'auto',
  NONE: 'none',
  ANY: 'required',
}

/** Reads `toolConfig`; what the vocabulary has no word for (`VALIDATED`, several allowed names) is `rest`. */
export function parseToolConfig(body: JsonObject): { toolChoice?: ToolChoice; rest?: JsonObject } {
  const config = optionalObject(body, 'toolConfig')
  if (config === undefined) return {}
  const { functionCallingConfig: _calling, ...others } = camelKeys(config)
  const path = 'toolConfig.functionCallingConfig'
  const calling = optionalObject({ functionCallingConfig: _calling }, 'functionCallingConfig', path)
  if (calling === undefined) return Object.keys(others).length > 0 ? { rest: others } : {}
  const { mode: _mode, allowedFunctionNames, ...more } = camelKeys(calling)
  const mode = optionalString(calling, 'mode', `${path}.mode`)
  const names = arrayOf(allowedFunctionNames).filter((name) => typeof name === 'string')
  const choice = CHOICES[mode?.toUpperCase() ?? '']
  const [name] = names
  const single = choice === 'required' && names.length === 1 && name !== undefined
  const left: JsonObject = {
    ...(mode !== undefined && choice === undefined ? { mode } : {}),
    ...(names.length > 0 && !single ? { allowedFunctionNames: names } : {}),
    ...more,
  }
  const rest = Object.keys(left).length > 0 ? { ...others, functionCallingConfig: left } : others
  return {
    ...(single
      ? { toolChoice: { type: 'tool', name } }
      : choice === undefined
        ? {}
        : { toolChoice: { type: choice } }),
    ...(Object.keys(rest).length > 0 ? { rest } : {}),
  }
}
