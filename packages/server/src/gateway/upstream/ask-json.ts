import { parseJson } from '@switchyard/llm/kit'
import type { Json, ParseContext, PreparedCall } from '@switchyard/llm/kit'
import { signedHeaders } from '../../deployments/sign.ts'
import type { Services } from '../../services.ts'
import type { Waits } from '../waits.ts'
import { unreadable } from './read-whole.ts'
import type { Asking, CallWatch } from './receive-whole.ts'
import { receiveWhole } from './receive-whole.ts'
import { addressOf } from './relay-template.ts'

/** What a call that is no conversation is written and read by. */
interface AskedProtocol<Answer> {
  parseAnswer: (body: Json, context: ParseContext) => Answer
  parseFailure: Asking['protocol']['parseFailure']
}

/**
 * Signs and sends a call, and reads its answer, which is JSON.
 *
 * @throws {SwitchyardError} for what the provider refuses, what breaks, and what is no answer.
 */
export async function askJson<Answer>(
  prepared: PreparedCall<AskedProtocol<Answer>>,
  waits: Waits,
  watch: CallWatch,
  services: Services,
): Promise<Answer> {
  const { parse, protocol, url } = prepared
  const body = JSON.stringify(prepared.body)
  const headers = await signedHeaders(prepared, body, services.auth)
  const { origin, path } = addressOf(url)
  const plan = { request: { origin, path, headers, body, ...waits }, parse, protocol }
  return receiveWhole(services.upstream, plan, watch, (whole) => {
    const json = parseJson(whole.body.toString())
    if (json === undefined)
      throw unreadable(whole.headers['content-type'], { provider: parse.provider, model: parse.model })
    return protocol.parseAnswer(json, parse)
  })
}
