import type { Json } from '../../types/json.ts'
import type { ChatRequest } from '../../types/request.ts'
import type { RenderContext, WireRequest } from '../protocol.ts'
import { compact, countOf, objectOf } from '../wire.ts'
import { modelPath } from './path.ts'
import { renderBody } from './request.ts'

/**
 * Writes a call to `:countTokens`. AI Studio wants the whole request under `generateContentRequest`,
 * Vertex its fields at the top.
 */
export function renderCountTokens(
  request: ChatRequest,
  context: RenderContext,
  form: 'wrapped' | 'flat' = 'wrapped',
): WireRequest {
  const body = renderBody(request, context)
  const { contents, systemInstruction, tools, generationConfig } = body
  return {
    path: modelPath(context.model, 'countTokens'),
    body:
      form === 'flat'
        ? compact({ contents, systemInstruction, tools, generationConfig })
        : { generateContentRequest: { model: `models/${context.model.replace(/^models\//, '')}`, ...body } },
  }
}

/** The tokens that `:countTokens` counted; `undefined` when the body is no such answer. */
export function parseCountTokens(body: Json): number | undefined {
  return countOf(objectOf(body)?.totalTokens)
}
