import { baseUrlOf, chatSurfaceOf, headersOf } from '@switchyard/llm/kit'
import type { ChatProtocol, ProtocolId, ResolvedTarget } from '@switchyard/llm/kit'

type Environment = (name: string) => string | undefined

/** A call that proves an address and a key and costs nothing. */
export interface Probe {
  url: string
  headers: Record<string, string>
  /** Whether the answer lists models; else only the address is proven. */
  listsModels: boolean
}

/** Where the services of a wire format list their models, below or beside the address of its calls. */
const listPaths: Readonly<Partial<Record<ProtocolId, (base: string) => string>>> = {
  'openai-chat': (base) => `${base}/models`,
  'openai-responses': (base) => `${base}/models`,
  'anthropic-messages': (base) => `${base.replace(/\/v1(\/messages)?$/, '')}/v1/models`,
  gemini: (base) => `${base}/models`,
  cohere: (base) => `${base.replace(/\/v[12](\/chat)?$/, '')}/v1/models`,
  ollama: (base) => `${base.replace(/\/api(\/chat)?$/, '')}/api/tags`,
}

/** The cheapest call for a target. Throws `bad_request` when its address is not known. */
export function probeOf(resolved: ResolvedTarget, env: Environment): Probe {
  const { base } = baseUrlOf(resolved, env)
  const protocol = chatProtocolOf(resolved)
  const path = protocol === undefined ? undefined : listPaths[protocol.id]
  const headers = headersOf(resolved, protocol?.headers, undefined)
  delete headers['content-type']
  return path === undefined
    ? { url: base, headers, listsModels: false }
    : { url: path(base), headers, listsModels: true }
}

function chatProtocolOf(resolved: ResolvedTarget): ChatProtocol | undefined {
  return resolved.provider.speaks.chat === undefined ? undefined : chatSurfaceOf(resolved, 'chat').protocol
}

/** The models that a list names; empty when it is in a form that nobody here knows. */
export function modelsIn(body: unknown): string[] {
  if (typeof body !== 'object' || body === null) return []
  const list = Array.isArray(body)
    ? body
    : ['data', 'models'].map((key) => (key in body ? Reflect.get(body, key) : undefined)).find(Array.isArray)
  const entries: unknown[] = list ?? []
  return entries.flatMap((entry) => {
    if (typeof entry !== 'object' || entry === null) return []
    const names = ['id', 'name', 'model'].map((key): unknown => Reflect.get(entry, key))
    return names.filter((name) => typeof name === 'string')
  })
}

/** Whether a list names a model: services write `models/…` before the name or a tag behind it. */
export function lists(models: readonly string[], model: string): boolean {
  return models.some((name) => name === model || name === `models/${model}` || name === `${model}:latest`)
}
