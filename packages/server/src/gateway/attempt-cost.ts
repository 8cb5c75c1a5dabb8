import { cost, transcriptionUsage } from '@switchyard/llm/kit'
import type { AudioFile, SwitchyardError, Usage } from '@switchyard/llm/kit'
import type { Deployment } from '../deployments/deployments.ts'
import type { UpstreamCall } from '../deployments/upstream.ts'

/** How far a call came, as far as that decides who pays for it. */
export type CallReach = Pick<UpstreamCall, 'sent' | 'status'>

/**
 * Whether a provider may take money for calls that failed. It does for what it answered with success, whatever that
 * was, and nobody knows whether it does for what it was sent and did not answer in time. It does not for what never
 * reached it, what it refused, and what it dropped. A web page with status 200 is not the provider's answer.
 */
export function mayBeBilled(calls: readonly CallReach[], error: SwitchyardError): boolean {
  if (error.reason === 'upstream_invalid_content_type') return false
  return calls.some(({ sent, status }) =>
    status === undefined ? sent && UNANSWERED.has(error.code) : status >= 200 && status < 300,
  )
}

/** Whether a provider answered with success, and what it sent cannot be read: it takes money for that. */
export function isBilledInVain(calls: readonly CallReach[], error: SwitchyardError): boolean {
  if (error.reason !== 'upstream_invalid_response') return false
  return calls.some(({ status }) => status !== undefined && status >= 200 && status < 300)
}

const UNANSWERED: ReadonlySet<string> = new Set(['timeout', 'aborted', 'invalid_response'])

/** Of English text. */
const BYTES_PER_TOKEN = 4

/** What of a request there is to read, by its size; of one with a recording, to listen to. */
export function usageRead(
  bodyBytes: number,
  file: AudioFile | undefined,
): Pick<Usage, 'inputTokens' | 'audioMs'> {
  if (file === undefined) return { inputTokens: Math.ceil(bodyBytes / BYTES_PER_TOKEN) }
  const { inputTokens, audioMs } = transcriptionUsage({ model: '', text: '' }, file)
  return { inputTokens, audioMs }
}

/**
 * What a provider takes for having read a request: an estimate by its size, in pico-USD, and no more than was held.
 * `undefined` where no price is known.
 */
export function readingCost(
  read: Pick<Usage, 'inputTokens' | 'audioMs'>,
  deployment: Pick<Deployment, 'ratesFor'>,
  heldPicoUsd: bigint | undefined,
): bigint | undefined {
  const rates = deployment.ratesFor(undefined)
  if (rates === undefined) return undefined
  const price = cost({ ...read, outputTokens: 0, source: 'estimated' }, rates).totalPicoUsd
  return heldPicoUsd === undefined || price < heldPicoUsd ? price : heldPicoUsd
}
