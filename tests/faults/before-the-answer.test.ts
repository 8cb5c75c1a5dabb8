import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entryAt } from '../clients/support/models.ts'
import type { ModelEntry } from '../clients/support/models.ts'
import { clientNames } from './support/clients.ts'
import { followed, openSite, soundModel } from './support/site.ts'
import type { Places, Site } from './support/site.ts'

interface Row {
  fault: string
  /** What the scripted provider is told to do; or the place that is broken by itself. */
  does?: string
  at?: keyof Places
  /** For deployments that make one wait. */
  limits?: object
  status: number
  /** Where Anthropic's clients see another. */
  anthropicStatus?: number
  code: string
  /** In the log: the failure's own code, where the client's is made of its status. */
  logged?: string
  upstream?: number
  /** Left out: the time for which it is left alone, where trying again may help. */
  retryAfter?: string | RegExp
  mayRetry?: true
  /** False: the deployment is asked again by the next request. */
  cools?: false
  /** False: nobody else is asked. */
  isFollowed?: false
  /** The provider may take money for it: it is estimated. */
  isCharged?: true
}

/** Seconds, as the site has it. */
const COOLDOWN = '60'

const unavailable = { status: 503, code: 'upstream_unavailable', mayRetry: true } as const
const limited = {
  status: 429,
  code: 'upstream_rate_limited',
  logged: 'rate_limit',
  upstream: 429,
  mayRetry: true,
} as const
const broken = { status: 502, code: 'upstream_invalid_response', mayRetry: true, isCharged: true } as const

const rows: Row[] = [
  { fault: 'F29 refused', at: 'refusing', ...unavailable },
  { fault: 'F29 reset', does: 'reset', ...unavailable },
  { fault: 'F30 a name that nobody has', at: 'unknown', ...unavailable },
  { fault: 'F30 a name server that fails', at: 'unresolved', ...unavailable },
  { fault: 'F30 a private address', at: 'hidden', status: 502, code: 'upstream_address_forbidden' },
  { fault: 'F31 self-signed', at: 'selfSigned', status: 502, code: 'upstream_tls_error' },
  { fault: 'F31 another host', at: 'wrongHost', status: 502, code: 'upstream_tls_error' },
  { fault: 'F31 expired', at: 'expired', status: 502, code: 'upstream_tls_error' },
  {
    fault: 'F31 a handshake that hangs',
    at: 'silentTls',
    limits: { timeout: 0.2 },
    status: 504,
    code: 'upstream_timeout',
    mayRetry: true,
  },
  { fault: 'F32 no wait', does: 'status-429', ...limited },
  { fault: 'F32 seconds', does: 'status-429-retry-after-7', ...limited, retryAfter: '7' },
  { fault: 'F32 milliseconds', does: 'status-429-retry-after-ms-1500', ...limited, retryAfter: '2' },
  { fault: 'F32 a date', does: 'status-429-retry-after-date-60', ...limited, retryAfter: /^(59|60)$/ },
  { fault: 'F32 absurd', does: 'status-429-retry-after-1000000000', ...limited, retryAfter: /^\d{1,4}$/ },
  { fault: 'F32 negative', does: 'status-429-retry-after--5', ...limited },
  {
    fault: 'F33 500',
    does: 'status-500',
    logged: 'internal',
    status: 502,
    code: 'upstream_error',
    upstream: 500,
    mayRetry: true,
  },
  {
    fault: 'F33 502',
    does: 'status-502',
    logged: 'bad_gateway',
    status: 502,
    code: 'upstream_error',
    upstream: 502,
    mayRetry: true,
  },
  { fault: 'F33 503', does: 'status-503', logged: 'service_unavailable', ...unavailable, upstream: 503 },
  {
    fault: 'F33 504',
    does: 'status-504',
    logged: 'timeout',
    status: 504,
    code: 'upstream_timeout',
    upstream: 504,
    mayRetry: true,
  },
  {
    fault: 'F33 529',
    does: 'status-529',
    logged: 'overloaded',
    status: 503,
    anthropicStatus: 529,
    code: 'upstream_overloaded',
    upstream: 529,
    mayRetry: true,
  },
  {
    fault: 'F34 400',
    does: 'status-400',
    status: 400,
    code: '400',
    logged: 'bad_request',
    upstream: 400,
    cools: false,
    isFollowed: false,
  },
  {
    fault: 'F35 401',
    does: 'status-401',
    logged: 'authentication',
    status: 502,
    code: 'upstream_auth_failed',
    upstream: 401,
  },
  {
    fault: 'F35 403',
    does: 'status-403',
    logged: 'permission_denied',
    status: 502,
    code: 'upstream_auth_failed',
    upstream: 403,
  },
  {
    fault: 'F36 404',
    does: 'status-404',
    logged: 'not_found',
    status: 502,
    code: 'upstream_model_not_found',
    upstream: 404,
  },
  {
    fault: 'F37 an error with 200',
    does: '200-error-body',
    logged: 'internal',
    status: 502,
    code: 'upstream_error',
    mayRetry: true,
    isCharged: true,
  },
  {
    fault: 'F37 no choices',
    does: 'choices-empty',
    status: 502,
    code: 'upstream_error',
    mayRetry: true,
    isCharged: true,
  },
  { fault: 'F38 truncated', does: 'truncated-json', ...broken, isFollowed: false },
  { fault: 'F38 trailing garbage', does: 'trailing-garbage', ...broken, isFollowed: false },
  { fault: 'F38 empty', does: 'empty-200', ...broken, isFollowed: false },
  { fault: 'F38 null', does: 'null-200', ...broken, isFollowed: false },
  { fault: 'F38 no HTTP', at: 'garbage', ...broken },
  {
    fault: 'F39 a login page',
    does: 'html',
    status: 502,
    code: 'upstream_invalid_content_type',
    mayRetry: true,
  },
  {
    fault: 'F39 plain text',
    does: 'text-plain',
    status: 502,
    code: 'upstream_invalid_content_type',
    mayRetry: true,
  },
  {
    fault: 'F44 no first byte',
    does: 'hang',
    limits: { timeout: 0.2 },
    status: 504,
    code: 'upstream_timeout',
    mayRetry: true,
    isCharged: true,
  },
  {
    fault: 'F44 a silent server',
    at: 'silent',
    limits: { timeout: 0.2 },
    status: 504,
    code: 'upstream_timeout',
    mayRetry: true,
    isCharged: true,
  },
  { fault: 'F48 claims gzip', does: 'claims-gzip', ...broken, isFollowed: false },
  {
    fault: 'F52 redirect 307',
    does: 'redirect',
    status: 502,
    code: 'upstream_redirect_refused',
    mayRetry: true,
  },
  {
    fault: 'F52 redirect 302',
    does: 'redirect-302',
    status: 502,
    code: 'upstream_redirect_refused',
    mayRetry: true,
  },
  {
    fault: 'F53 a header of 1 MB',
    does: 'header-1mb',
    status: 502,
    code: 'upstream_invalid_response',
    mayRetry: true,
    isCharged: true,
  },
  {
    fault: 'F53 two thousand headers',
    does: 'header-flood',
    status: 502,
    code: 'upstream_invalid_response',
    mayRetry: true,
    isCharged: true,
  },
]

/** Names of groups: a deployment each, so that no row knows of another. */
function groupOf({ fault }: Row, kind: string, client: string): string {
  return `${fault.replaceAll(/\W+/g, '-')}-${kind}-${client}`
}

function entryOf(row: Row, places: Places, group: string): ModelEntry {
  const model = row.does === undefined ? 'openai/echo' : `openai/fault-${row.does}`
  return entryAt(places[row.at ?? 'scripted'], group, model, row.limits)
}

let site: Site
beforeAll(async () => {
  site = await openSite((places) => [
    soundModel(places),
    entryAt(places.trusted, 'trusted', 'openai/echo'),
    entryAt(places.scripted, 'held', 'openai/fault-slow-first-byte-200'),
    ...rows.flatMap((row) =>
      clientNames.flatMap((client) => [
        entryOf(row, places, groupOf(row, 'alone', client)),
        ...followed(places, groupOf(row, 'followed', client), entryOf(row, places, '')),
      ]),
    ),
  ])
})
afterAll(async () => await site.close())

const cases = rows.flatMap((row) => clientNames.map((client) => ({ ...row, client })))

describe.each(cases)('$fault through $client', (row) => {
  const {
    client,
    code,
    upstream,
    retryAfter,
    mayRetry,
    isCharged = false,
    isFollowed = true,
    cools = true,
  } = row
  const logged = row.logged ?? code

  it(`alone is ${row.status} ${code}`, async () => {
    const seen = await site.ask[client]({ model: groupOf(row, 'alone', client) })
    expect(seen.error).toMatchObject({
      status: client === 'anthropic' ? (row.anthropicStatus ?? row.status) : row.status,
      ...(client === 'openai' ? { code } : {}),
    })
    expect(seen.error?.message).not.toMatch(/127\.0\.0\.1|example\.com|<!doctype/i)
    const header = (name: string): string | null => seen.headers.get(name)
    expect(header('x-gateway-error')).toBe(/^\d/.test(code) ? null : code)
    expect(header('x-upstream-status')).toBe(upstream === undefined ? null : String(upstream))
    if (retryAfter instanceof RegExp) expect(header('retry-after')).toMatch(retryAfter)
    else expect(header('retry-after')).toBe(retryAfter ?? (mayRetry === true ? COOLDOWN : null))
    expect(header('x-should-retry')).toBe(mayRetry === true ? null : 'false')
    const log = await site.logOf(seen)
    expect(log).toMatchObject({
      status: 'failure',
      metadata: { error_information: { error_code: String(row.status) } },
    })
    expect(site.attemptsOf(log)).toEqual([logged])
    if (isCharged) expect(log['spend']).toBeGreaterThan(0)
    else expect(log['spend']).toBe(0)
    await site.expectSound(seen, log)
  })

  it(`with a sibling ${isFollowed ? 'is answered by that' : 'is the same'}`, async () => {
    const question = { model: groupOf(row, 'followed', client), retries: 1 }
    const seen = await site.ask[client](question)
    const log = await site.logOf(seen)
    if (isFollowed) expect(seen).toMatchObject({ status: 200, text: 'You said: hello there' })
    else expect(seen.status).toBe(row.status)
    expect(site.attemptsOf(log)).toEqual(isFollowed ? [logged, null] : [logged])
    // Left alone: the next request does not ask it.
    const next = await site.ask[client](question)
    const again = site.attemptsOf(await site.logOf(next))
    expect(again).toEqual(cools ? [null] : [logged])
    await site.expectSound(seen, log)
  })
})

it.each(clientNames)('F31 a certificate that is in order, through %s, is no obstacle', async (client) => {
  const seen = await site.ask[client]({ model: 'trusted' })
  expect(seen).toMatchObject({ status: 200, text: 'You said: hello there' })
})

it('what is held can be seen while a request is under way', async () => {
  expect(await site.heldPicoUsd()).toBe(0n)
  const asked = site.gateway.provider.exchanges.length
  const seen = site.ask.openai({ model: 'held' })
  await (
    await site.gateway.provider.exchange(asked)
  ).atGate
  expect(await site.heldPicoUsd()).toBeGreaterThan(0n)
  await seen
  await site.expectSound()
})
