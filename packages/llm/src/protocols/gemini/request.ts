import type { JsonObject } from '../../types/json.ts'
import type { ChatRequest, RequestParam } from '../../types/request.ts'
import type { RenderContext, WireRequest } from '../protocol.ts'
import { compact } from '../wire.ts'
import { renderConversation } from './contents.ts'
import { renderGenerationConfig } from './generation-config.ts'
import { mergeUnder } from './keys.ts'
import { modelPath } from './path.ts'
import { renderToolChoice, renderTools } from './tools.ts'

/** What `generateContent` can say. Parallel tool calls are the model's own choice: there is no switch for them. */
export const PARAMS: ReadonlySet<RequestParam> = new Set<RequestParam>([
  'tools',
  'tool_choice',
  'response_format',
  'reasoning_effort',
  'thinking',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'seed',
  'n',
  'presence_penalty',
  'frequency_penalty',
  'logprobs',
  'top_logprobs',
  'service_tier',
  'modalities',
  'audio',
  'web_search_options',
])

/** Writes a call to `:generateContent`, or to `:streamGenerateContent` as SSE. */
export function renderRequest(request: ChatRequest, context: RenderContext): WireRequest {
  const method = request.stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
  return { path: modelPath(context.model, method), body: renderBody(request, context) }
}

/** The body of `generateContent`, which `countTokens` counts too. */
export function renderBody(request: ChatRequest, context: RenderContext): JsonObject {
  const { systemInstruction, contents } = renderConversation(request.messages, context.quirks)
  const config = renderGenerationConfig(request, context.quirks)
  const own = compact({
    contents,
    systemInstruction,
    tools: renderTools(request),
    toolConfig: renderToolChoice(request.toolChoice),
    generationConfig: Object.keys(config).length > 0 ? config : undefined,
    serviceTier: renderTier(request.serviceTier),
  })
  // What a client of this very wire said beyond the vocabulary is more exact than what we made of the rest.
  const dialect = request.dialect?.protocol === 'gemini' ? request.dialect.fields : {}
  return mergeUnder(mergeUnder(mergeUnder(dialect, own), request.extra), context.quirks.extraBody)
}

/** OpenAI's `default` is Gemini's `standard`; with `auto` the service decides, as it does unasked. */
function renderTier(tier: string | undefined): string | undefined {
  if (tier === undefined || tier === 'auto') return undefined
  return tier === 'default' ? 'standard' : tier
}
