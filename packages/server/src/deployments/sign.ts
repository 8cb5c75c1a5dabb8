import { failureOfCredentials, signCall } from '@switchyard/llm/kit'
import type { AuthContext, PreparedCall } from '@switchyard/llm/kit'

/**
 * The headers of a call with its signature. The body is the text that will be sent.
 *
 * @throws what is wrong with the credentials, as a `SwitchyardError` of the provider.
 */
export async function signedHeaders(
  call: Omit<PreparedCall<unknown>, 'body'>,
  body: string | Uint8Array,
  auth: AuthContext,
): Promise<Record<string, string>> {
  try {
    return await signCall(call, body, auth)
  } catch (error) {
    const { provider, model } = call.parse
    throw failureOfCredentials(error, call.resolved.provider, { provider, model })
  }
}
