import type { JsonObject } from '../../types/json.ts'
import type { ChatRequest } from '../../types/request.ts'
import { missing, optionalBoolean, optionalString, requiredString, restOf } from '../check.ts'
import { compact } from '../wire.ts'
import { parseGenerationConfig } from './client-config.ts'
import { parseContents, parseInstruction } from './client-contents.ts'
import { parseToolConfig, parseTools } from './client-tools.ts'
import { camelKeys } from './keys.ts'

const KNOWN = new Set([
  'model',
  'stream',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  'serviceTier',
])

/**
 * Reads a `generateContent` request. The address says which model and whether to stream: its route puts
 * both into the body, as `model` and `stream`. Safety settings, cached content and what else only Gemini
 * knows stay in `dialect`.
 */
export function parseRequest(wire: JsonObject): ChatRequest {
  const body = camelKeys(wire)
  const contents = parseContents(body)
  if (contents.length === 0) throw missing('contents')
  const config = parseGenerationConfig(body)
  const tools = parseTools(body)
  const choice = parseToolConfig(body)
  const serviceTier = optionalString(body, 'serviceTier')
  const fields = compact({ ...restOf(body, KNOWN), generationConfig: config.rest, toolConfig: choice.rest })
  return {
    model: requiredString(body, 'model'),
    messages: [...parseInstruction(body), ...contents],
    stream: optionalBoolean(body, 'stream') ?? false,
    includeUsage: true,
    ...config.settings,
    ...(tools === undefined ? {} : { tools }),
    ...(choice.toolChoice === undefined ? {} : { toolChoice: choice.toolChoice }),
    ...(serviceTier === undefined ? {} : { serviceTier }),
    ...(Object.keys(fields).length > 0 ? { dialect: { protocol: 'gemini', fields } } : {}),
  }
}
