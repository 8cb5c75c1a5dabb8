import type { AuthContext } from '../types/auth.ts'
import type { JsonObject } from '../types/json.ts'
import type { Timeouts } from '../types/transport.ts'
import { CredentialError } from './credential-error.ts'
import type { Expiring } from './token-cache.ts'

const timeouts: Timeouts = { connectMs: 10_000, firstByteMs: 30_000, idleMs: 30_000, totalMs: 60_000 }
const mostBytes = 1024 * 1024

export interface TokenAnswer {
  status: number
  text: string
}

/** Posts a form to a token service. `service` is its name as an error shows it. */
export async function postForm(
  context: AuthContext,
  url: string,
  form: Readonly<Record<string, string | undefined>>,
  authorize: (body: string) => Promise<Record<string, string>> = async () => ({}),
): Promise<TokenAnswer> {
  const body = renderForm(form)
  const response = await context.transport({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...(await authorize(body)) },
    body,
    timeouts,
  })
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > mostBytes)
      throw new CredentialError('A token service sent far too much', 'Check its address.')
  }
  return { status: response.status, text }
}

/** Asks an OAuth 2 token service for an access token. Throws `CredentialError` when it gives none. */
export async function fetchAccessToken(
  context: AuthContext,
  service: string,
  url: string,
  form: Readonly<Record<string, string | undefined>>,
): Promise<Expiring<string>> {
  const { status, text } = await postForm(context, url, form)
  const answer = parseObject(text)
  const token = answer?.['access_token']
  if (status >= 200 && status < 300 && typeof token === 'string' && token !== '') {
    return { value: token, expiresAtMs: context.nowMs() + lifeSeconds(answer?.['expires_in']) * 1000 }
  }
  throw refusal(service, status, answer?.['error'] ?? answer?.['errorCode'])
}

/** `code` is only shown when it looks like a name and not like prose, which could repeat a secret. */
export function refusal(service: string, status: number, code: unknown): CredentialError {
  const name = typeof code === 'string' && /^[\w.-]{1,64}$/.test(code) ? `, ${code}` : ''
  const isItsFault = status >= 500 || status === 429
  return new CredentialError(
    `${service} gave no token (status ${status}${name})`,
    isItsFault
      ? 'Try again later.'
      : 'Check the credentials, and that they have not expired or been revoked.',
    isItsFault,
  )
}

export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const usualLifeSeconds = 3600

/** Azure's older endpoints write the number as text. */
function lifeSeconds(value: unknown): number {
  const seconds = Number(value)
  return Number.isFinite(seconds) && seconds > 0 ? seconds : usualLifeSeconds
}

function renderForm(form: Readonly<Record<string, string | undefined>>): string {
  const fields = new URLSearchParams()
  for (const [name, value] of Object.entries(form)) if (value !== undefined) fields.set(name, value)
  return fields.toString()
}
