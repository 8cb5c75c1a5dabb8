import type { AuthContext, AuthScheme, Credentials } from '../types/auth.ts'
import { findApiKey } from './api-key.ts'
import { CredentialError } from './credential-error.ts'
import { findGoogleSource, readGoogleCredentials } from './google-credentials.ts'
import type { AuthorizedUser, ServiceAccount } from './google-credentials.ts'
import { createTokenCache } from './token-cache.ts'
import type { Expiring } from './token-cache.ts'
import { fetchAccessToken } from './token-request.ts'

const scope = 'https://www.googleapis.com/auth/cloud-platform'
const assertionLifeSeconds = 3600
const service = "Google's token service"

/**
 * Google Cloud: a service account's or a user's access token, or an API key (express mode).
 * Credentials named by `vertex_credentials` go before a key, and a key before those of the environment.
 */
export function googleServiceAccount(): AuthScheme {
  const cache = createTokenCache<Record<string, string>>()
  return {
    id: 'google-service-account',
    environment: [['GOOGLE_APPLICATION_CREDENTIALS'], ['VERTEXAI_CREDENTIALS']],
    authorize(_, credentials, context) {
      const key = findApiKey(credentials)
      if (key !== undefined && !credentials.options['vertex_credentials']) return { 'x-goog-api-key': key }
      const source = requireSource(credentials, context)
      return cache.get(source, context.nowMs, () => fetchHeaders(source, context))
    },
  }
}

/** The project that the credentials belong to, where the caller names none. */
export async function findGoogleProject(
  credentials: Credentials,
  context: AuthContext,
): Promise<string | undefined> {
  const source = findGoogleSource(credentials, context)
  return source === undefined ? undefined : (await readGoogleCredentials(source, context)).projectId
}

function requireSource(credentials: Credentials, context: AuthContext): string {
  const source = findGoogleSource(credentials, context)
  if (source !== undefined) return source
  throw new CredentialError(
    'There are no Google credentials',
    'Set vertex_credentials or GOOGLE_APPLICATION_CREDENTIALS to a key file, or to its text.',
  )
}

async function fetchHeaders(source: string, context: AuthContext): Promise<Expiring<Record<string, string>>> {
  const account = await readGoogleCredentials(source, context)
  if (account.type === 'service_account') {
    const { value, expiresAtMs } = await exchangeAssertion(account, context)
    return { value: { authorization: `Bearer ${value}` }, expiresAtMs }
  }
  const { value, expiresAtMs } = await refresh(account, context)
  const quota = account.projectId === undefined ? {} : { 'x-goog-user-project': account.projectId }
  return { value: { authorization: `Bearer ${value}`, ...quota }, expiresAtMs }
}

async function exchangeAssertion(account: ServiceAccount, context: AuthContext): Promise<Expiring<string>> {
  return fetchAccessToken(context, service, account.tokenUrl, {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: await signAssertion(account, Math.floor(context.nowMs() / 1000)),
  })
}

function refresh(user: AuthorizedUser, context: AuthContext): Promise<Expiring<string>> {
  return fetchAccessToken(context, service, user.tokenUrl, {
    grant_type: 'refresh_token',
    client_id: user.clientId,
    client_secret: user.clientSecret,
    refresh_token: user.refreshToken,
  })
}

async function signAssertion(account: ServiceAccount, nowSeconds: number): Promise<string> {
  // Only who signs in to Google needs it.
  const { importPKCS8, SignJWT } = await import('jose')
  const key = await importPKCS8(account.privateKey, 'RS256').catch(() => {
    throw new CredentialError(
      'The private key in the Google credentials cannot be read',
      'Use the key file as Google gave it: a PKCS #8 RSA key in PEM form.',
    )
  })
  return new SignJWT({ scope })
    .setProtectedHeader({
      alg: 'RS256',
      typ: 'JWT',
      ...(account.privateKeyId && { kid: account.privateKeyId }),
    })
    .setIssuer(account.clientEmail)
    .setSubject(account.clientEmail)
    .setAudience(account.tokenUrl)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + assertionLifeSeconds)
    .sign(key)
}
