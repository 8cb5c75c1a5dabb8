import { FAILURES } from '@switchyard/llm/kit'
import { promptForLog } from '../ledger/prompts.ts'
import type { LlmCall } from './call.ts'
import type { Exchange } from './exchange.ts'

/** Metadata of a client that is larger is not kept. */
const MAX_METADATA_BYTES = 16 * 1024

/** What a log keeps beside its columns, under LiteLLM's names. Holds no secret. */
export function metadataOf({ receipt, call, request, shadowOf }: Exchange): Record<string, unknown> {
  const metadata: Record<string, unknown> = {}
  const { usage, failure } = receipt
  if (usage?.raw !== undefined) metadata.usage_object = usage.raw
  if (shadowOf !== undefined) {
    metadata.is_silent_experiment = true
    metadata.shadow_of = shadowOf
  }
  if (receipt.auto !== undefined)
    metadata.auto_group = { name: receipt.auto.name, passed_over: receipt.auto.passed }
  if (receipt.continued !== undefined) metadata.stream_continued = receipt.continued
  if (receipt.cache !== undefined) metadata.cache_key = receipt.cache.key
  if (receipt.usage !== undefined && receipt.costPicoUsd === undefined) metadata.price = 'unknown'
  if (failure !== undefined)
    metadata.error_information = {
      error_code: String(failure.status),
      error_class: FAILURES[failure.code].className,
      error_reason: failure.reason,
      error_message: failure.message,
      llm_provider: failure.provider,
      traceback: '',
    }
  const own = call?.scan.json('metadata')
  if (own !== undefined && own !== null && isSmall(own)) metadata.requester_metadata = own
  const given = request.headers['x-litellm-spend-logs-metadata']
  const extra = typeof given === 'string' ? parse(given) : undefined
  if (extra !== undefined) metadata.spend_logs_metadata = extra
  return metadata
}

/** What was asked, where logs may hold that. */
export function promptOf({ parsedBody }: LlmCall): string {
  const body = parsedBody()
  return promptForLog(body['messages'] ?? body['input'] ?? body['prompt'] ?? body)
}

/** What ties the calls of one conversation together. */
export function sessionOf({
  request,
  call,
}: {
  readonly request: Pick<Exchange['request'], 'headers'>
  readonly call?: LlmCall | undefined
}): string | undefined {
  const { headers } = request
  const named = headers['x-litellm-session-id'] ?? headers['x-litellm-trace-id']
  const id = typeof named === 'string' ? named : call?.scan.string('litellm_session_id')
  return id === undefined ? undefined : id.slice(0, 256)
}

function isSmall(value: unknown): boolean {
  return JSON.stringify(value).length <= MAX_METADATA_BYTES
}

function parse(text: string): unknown {
  if (text.length > MAX_METADATA_BYTES) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
