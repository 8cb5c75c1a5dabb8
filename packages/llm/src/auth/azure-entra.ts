import type { AuthContext, AuthScheme, Credentials } from '../types/auth.ts'
import { findApiKey, headerValue } from './api-key.ts'
import { CredentialError } from './credential-error.ts'
import { createTokenCache } from './token-cache.ts'
import { fetchAccessToken } from './token-request.ts'

const publicAuthority = 'https://login.microsoftonline.com'
const defaultScope = 'https://cognitiveservices.azure.com/.default'

interface EntraApplication {
  tokenUrl: string
  clientId: string
  scope: string
  secret: string | undefined
  /** A file with a token of the platform the program runs on (workload identity). */
  assertionPath: string | undefined
}

/**
 * Azure: the `api-key` header when there is a key, else `azure_ad_token`, else a token of Entra ID for an application
 * (`tenant_id`, `client_id`, `client_secret`, or `AZURE_FEDERATED_TOKEN_FILE` in place of the secret).
 * `AZURE_AUTHORITY_HOST` names the sovereign cloud, `AZURE_SCOPE` another audience.
 */
export function azureEntra(): AuthScheme {
  const cache = createTokenCache<string>()
  return {
    id: 'azure-entra',
    environment: [
      ['AZURE_AD_TOKEN'],
      ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET'],
      ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_FEDERATED_TOKEN_FILE'],
    ],
    authorize(_, credentials, context) {
      const key = findApiKey(credentials)
      if (key !== undefined) return { 'api-key': key }
      const given = credentials.options['azure_ad_token'] ?? context.env('AZURE_AD_TOKEN')
      const token = given === undefined ? undefined : headerValue('The Azure AD token', given)
      if (token !== undefined) return bearerHeader(token)
      const application = findApplication(credentials, context)
      const fetched = cache.get(JSON.stringify(application), context.nowMs, () =>
        fetchToken(application, context),
      )
      return typeof fetched === 'string' ? bearerHeader(fetched) : fetched.then(bearerHeader)
    },
  }
}

function findApplication({ options }: Credentials, context: AuthContext): EntraApplication {
  const setting = (option: string, variable: string): string | undefined =>
    options[option] || context.env(variable) || undefined
  const tenantId = setting('tenant_id', 'AZURE_TENANT_ID')
  const clientId = setting('client_id', 'AZURE_CLIENT_ID')
  const secret = setting('client_secret', 'AZURE_CLIENT_SECRET')
  const assertionPath = secret === undefined ? context.env('AZURE_FEDERATED_TOKEN_FILE') : undefined
  if (tenantId === undefined || clientId === undefined || (secret ?? assertionPath) === undefined) {
    throw new CredentialError(
      'There are no Azure credentials',
      'Set api_key (AZURE_API_KEY), azure_ad_token, or all of tenant_id, client_id and client_secret (AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET).',
    )
  }
  const authority = (setting('azure_authority_host', 'AZURE_AUTHORITY_HOST') ?? publicAuthority).replace(
    /\/+$/,
    '',
  )
  const scope = setting('azure_scope', 'AZURE_SCOPE') ?? defaultScope
  const tokenUrl = `${authority}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`
  return { tokenUrl, clientId, scope, secret, assertionPath }
}

async function fetchToken(
  application: EntraApplication,
  context: AuthContext,
): ReturnType<typeof fetchAccessToken> {
  const { tokenUrl, clientId, scope, secret, assertionPath } = application
  const assertion = assertionPath === undefined ? undefined : await readAssertion(assertionPath, context)
  return fetchAccessToken(context, 'Microsoft Entra ID', tokenUrl, {
    grant_type: 'client_credentials',
    client_id: clientId,
    scope,
    client_secret: secret,
    client_assertion: assertion,
    client_assertion_type: assertion && 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  })
}

async function readAssertion(path: string, context: AuthContext): Promise<string> {
  const text = await context.readFile?.(path).catch(() => undefined)
  if (text !== undefined) return text.trim()
  throw new CredentialError(
    'The federated token of Azure cannot be read',
    'Check AZURE_FEDERATED_TOKEN_FILE.',
  )
}

function bearerHeader(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}
