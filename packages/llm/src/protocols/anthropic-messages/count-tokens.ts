import { createError } from '../../errors.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { ChatRequest } from '../../types/request.ts'
import type { ParseContext, RenderContext, WireRequest } from '../protocol.ts'
import { countOf, objectOf } from '../wire.ts'
import { MESSAGES_PATH, renderRequest } from './request.ts'

/** The fields of a message call that count, and that `count_tokens` takes. */
const FIELDS = [
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'mcp_servers',
  'context_management',
  'cache_control',
  'speed',
] as const

/** Writes a call to `/v1/messages/count_tokens` that counts the input of a request. */
export function renderCountTokens(request: ChatRequest, context: RenderContext): WireRequest {
  const { headers, body } = renderRequest(request, context)
  const counted: JsonObject = {}
  for (const field of FIELDS) if (body[field] !== undefined) counted[field] = body[field]
  return {
    path: `${MESSAGES_PATH}/count_tokens`,
    ...(headers === undefined ? {} : { headers }),
    body: counted,
  }
}

/** Reads how many input tokens were counted. Throws `invalid_response` when the answer holds no count. */
export function parseCountTokens(body: Json, context: ParseContext): number {
  const tokens = countOf(objectOf(body)?.input_tokens)
  if (tokens === undefined)
    throw createError({
      code: 'invalid_response',
      message: `${context.provider}: the answer holds no token count.`,
      provider: context.provider,
      model: context.model,
    })
  return tokens
}

/** The answer that a client of `count_tokens` reads. */
export function renderCountTokensAnswer(inputTokens: number): JsonObject {
  return { input_tokens: inputTokens }
}
