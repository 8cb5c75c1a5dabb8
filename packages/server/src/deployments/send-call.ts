import { failureOfCall, invalidResponse, parseJson } from '@switchyard/llm/kit'
import type { AuthContext, ChatProtocol, Json, PreparedCall, Timeouts } from '@switchyard/llm/kit'
import { signedHeaders } from './sign.ts'

/** Answers of calls made on the gateway's own account are short; what is longer is none. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

/**
 * Makes a small call outside the fast lane: for probing and counting.
 *
 * @throws what the provider, its credentials or the way there made of it, as a `SwitchyardError`.
 */
export async function sendCall(
  call: PreparedCall<Pick<ChatProtocol, 'parseFailure'>>,
  auth: AuthContext,
  timeouts: Timeouts,
): Promise<Json> {
  const text = await sendBytes(call, JSON.stringify(call.body), auth, timeouts)
  return parseJson(text) ?? text
}

/** The same of a body that need not be JSON, as its answer need not be. */
export async function sendBytes(
  call: Omit<PreparedCall<Pick<ChatProtocol, 'parseFailure'>>, 'body'>,
  body: string | Uint8Array,
  auth: AuthContext,
  timeouts: Timeouts,
): Promise<string> {
  const { parse, url } = call
  const place = { provider: parse.provider, model: parse.model }
  const headers = await signedHeaders(call, body, auth)
  try {
    const response = await auth.transport({ method: 'POST', url, headers, body, timeouts })
    const text = await readText(response.body, place)
    if (response.status >= 200 && response.status < 300) return text
    throw call.protocol.parseFailure(
      { status: response.status, headers: response.headers, body: parseJson(text) ?? text },
      parse,
    )
  } catch (error) {
    throw failureOfCall(error, place)
  }
}

async function readText(
  body: AsyncIterable<Uint8Array>,
  place: { provider: string; model: string },
): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES)
      throw invalidResponse(
        'upstream_response_too_large',
        `the answer is larger than ${MAX_ANSWER_BYTES} bytes`,
        place,
      )
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
