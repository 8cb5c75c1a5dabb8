import { failureOfCall, invalidResponse, parseJson } from '@switchyard/llm/kit'
import type { IncomingHttpHeaders } from 'node:http'
import type { UpstreamCall, Upstream } from '../../deployments/upstream.ts'
import type { UpstreamPlan } from './plan.ts'

/** A provider's whole answer, with a success status. */
export interface WholeBody {
  headers: IncomingHttpHeaders
  body: Buffer
}

/** The most an answer may weigh. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024

/** Gives the running call to whoever has to be able to end it. */
export type OnCall = (call: UpstreamCall) => void

/**
 * Sends a call and takes in its whole answer.
 *
 * @throws the provider's refusal or what broke the exchange, as one of our errors.
 */
export function receiveWhole(
  upstream: Upstream,
  plan: Pick<UpstreamPlan, 'request' | 'parse'> & {
    protocol: Pick<UpstreamPlan['protocol'], 'parseFailure'>
  },
  onCall: OnCall,
): Promise<WholeBody> {
  const { provider, model } = plan.parse
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    let status = 0
    let headers: IncomingHttpHeaders = {}
    const call = upstream.send(plan.request, {
      head: (code, fields) => {
        status = code
        headers = fields
      },
      data: (chunk) => {
        size += chunk.length
        if (size > MAX_ANSWER_BYTES) {
          // First the reason: an aborted call reports its own end at once.
          reject(
            invalidResponse(
              'upstream_response_too_large',
              `the answer is larger than ${MAX_ANSWER_BYTES} bytes`,
              { provider, model },
            ),
          )
          call.abort()
          return true
        }
        chunks.push(chunk)
        return true
      },
      end: () => {
        const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size)
        if (status >= 200 && status < 300) resolve({ headers, body })
        else reject(refusalOf(plan, status, headers, body))
      },
      failure: (error) => reject(failureOfCall(error, { provider, model })),
    })
    onCall(call)
  })
}

/** An error status as the error it stands for. A redirect is one, too: calls never follow any. */
export function refusalOf(
  plan: Pick<UpstreamPlan, 'parse'> & { protocol: Pick<UpstreamPlan['protocol'], 'parseFailure'> },
  status: number,
  headers: IncomingHttpHeaders,
  body: Buffer,
): unknown {
  const place = { provider: plan.parse.provider, model: plan.parse.model }
  if (status >= 300 && status < 400)
    return invalidResponse(
      'upstream_redirect_refused',
      `answered with a redirect (HTTP ${status}), which is not followed`,
      place,
    )
  const text = body.toString()
  const failure = plan.protocol.parseFailure(
    { status, headers: flatHeaders(headers), body: parseJson(text) ?? text },
    plan.parse,
  )
  return failureOfCall(failure, place)
}

function flatHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return flat
}
