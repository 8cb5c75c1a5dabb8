import { createError, invalidResponse, isSwitchyardError, parseJson, relays } from '@switchyard/llm/kit'
import type { Answer, DialectId, JsonObject, RelayFacts } from '@switchyard/llm/kit'
import { BodyError } from '../../http/body-error.ts'
import { knownNames } from '../../http/json-scanner.ts'
import type { KnownNames } from '../../http/json-scanner.ts'
import { scanJson } from '../../http/scan-json.ts'
import type { JsonScan } from '../../http/scan-json.ts'
import type { RelayPlan, UpstreamPlan } from './plan.ts'
import type { WholeBody } from './receive-whole.ts'

/** Members that answers have beside those that are read. */
const FREQUENT = ['id', 'created', 'system_fingerprint', 'service_tier', 'role', 'stop_reason']

/** What a whole answer is read for, by the format it is in. */
interface Wanted {
  facts: ReadonlySet<string>
  names: KnownNames
}

const WANTED = Object.fromEntries(
  Object.entries(relays).map(([dialect, { facts, answer }]): [string, Wanted] => [
    dialect,
    {
      facts: new Set(facts),
      names: knownNames([...facts, ...FREQUENT, ...(answer === undefined ? [] : [answer])]),
    },
  ]),
) as Record<DialectId, Wanted>

/** Reads usage and model out of an answer that is relayed unchanged. @throws when it is none. */
export function readRelayedAnswer(
  { headers, body }: WholeBody,
  plan: RelayPlan,
  dialect: DialectId,
): RelayFacts {
  const { provider, model } = plan.parse
  const place = { provider, model }
  const { facts: wanted, names } = WANTED[dialect]
  let scan: JsonScan
  try {
    scan = scanJson(body, { lenient: true, names })
  } catch (error) {
    if (!(error instanceof BodyError)) throw error
    throw unreadable(headers['content-type'], place)
  }
  const reader = relays[dialect]
  // The answer itself stays bytes; only what tells about it is parsed.
  const facts = reader.read(scan.pick(wanted) as JsonObject, plan.parse, {})
  if (facts.failure !== undefined) throw createError(facts.failure)
  const { answer } = reader
  if (
    answer !== undefined &&
    (scan.kind(answer) !== 'array' || (answer === 'choices' && scan.count(answer) === 0))
  )
    throw invalidResponse('upstream_error', `the answer is not a whole answer (no ${answer})`, place)
  return facts
}

/** Reads an answer into our own form. @throws when it is none. */
export function readAnswer({ headers, body }: WholeBody, plan: UpstreamPlan): Answer {
  const { provider, model } = plan.parse
  const place = { provider, model }
  const json = parseJson(body.toString())
  if (json === undefined) throw unreadable(headers['content-type'], place)
  try {
    return plan.protocol.parseAnswer(json, plan.parse)
  } catch (error) {
    if (!isSwitchyardError(error)) throw error
    if (error.code !== 'invalid_response' || error.reason !== undefined) throw error.at(place)
    // JSON, but no answer: a failure that the provider reports with a success status, or nothing at all.
    const reason = json === null ? 'upstream_invalid_response' : 'upstream_error'
    throw createError({ ...error.toFailure(), ...place, reason })
  }
}

export function unreadable(type: string | undefined, place: { provider: string; model: string }): Error {
  return type === undefined || /json/i.test(type)
    ? invalidResponse('upstream_invalid_response', 'the answer is not valid JSON', place)
    : invalidResponse('upstream_invalid_content_type', `answered with '${type}' instead of JSON`, place)
}
