import type { ChoiceRequest } from '../router/index.ts'
import type { Capability } from '../types/model.ts'
import { inputTokensOf } from './estimate.ts'

type Params = Readonly<Record<string, unknown>>

/** A call, as far as choosing a deployment looks at it. */
export function choiceOf(params: Params, tags: readonly string[]): ChoiceRequest {
  let needs: readonly Capability[] | undefined
  return {
    stream: params['stream'] === true,
    tags,
    inputTokens: () => inputTokensOf(params),
    needs: () => (needs ??= needsOf(params)),
  }
}

const PARTS: readonly (readonly [part: RegExp, need: Capability])[] = [
  [/^(image_url|input_image|image)$/, 'vision'],
  [/^(file|input_file|document)$/, 'pdf_input'],
  [/^input_audio$/, 'audio_input'],
]

/** What a call uses, in OpenAI's words for it. */
function needsOf({ tools, response_format: format, messages, input }: Params): readonly Capability[] {
  const needs = new Set<Capability>()
  if (Array.isArray(tools) && tools.length > 0) needs.add('function_calling')
  if (typeOf(format) === 'json_schema') needs.add('response_schema')
  for (const message of [messages, input].flat()) {
    const content =
      typeof message === 'object' && message !== null && 'content' in message ? message.content : []
    for (const part of Array.isArray(content) ? content : [])
      for (const [word, need] of PARTS) if (word.test(typeOf(part))) needs.add(need)
  }
  return [...needs]
}

function typeOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'type' in value ? String(value.type) : ''
}
