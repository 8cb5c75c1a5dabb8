import type { AuthContext, AuthScheme, Credentials } from '../types/auth.ts'
import { findApiKey, headerValue } from './api-key.ts'
import { CredentialError } from './credential-error.ts'
import { createTokenCache } from './token-cache.ts'
import { fetchAccessToken } from './token-request.ts'

const defaultIamUrl = 'https://iam.cloud.ibm.com/identity/token'

/**
 * IBM Cloud (watsonx): a token given as it is (`token`, `WATSONX_TOKEN`), a Zen key (`zen_api_key`,
 * `WATSONX_ZENAPIKEY`) on premises, else the API key exchanged at IAM (`iam_url`, `WATSONX_IAM_URL`).
 */
export function ibmIam(): AuthScheme {
  const cache = createTokenCache<string>()
  return {
    id: 'ibm-iam',
    authorize(_, credentials, context) {
      const token = findSecret('token', ['WATSONX_TOKEN', 'WX_TOKEN'], credentials, context)
      if (token !== undefined) return authorization(`Bearer ${token}`)
      const zenKey = findSecret('zen_api_key', ['WATSONX_ZENAPIKEY'], credentials, context)
      if (zenKey !== undefined) return authorization(`ZenApiKey ${zenKey}`)
      const apiKey = requireKey(credentials, context)
      const iamUrl = credentials.options['iam_url'] || context.env('WATSONX_IAM_URL') || defaultIamUrl
      const fetched = cache.get(`${iamUrl} ${apiKey}`, context.nowMs, () =>
        fetchAccessToken(context, 'IBM Cloud IAM', iamUrl, {
          grant_type: 'urn:ibm:params:oauth:grant-type:apikey',
          apikey: apiKey,
        }),
      )
      if (typeof fetched === 'string') return authorization(`Bearer ${fetched}`)
      return fetched.then((value) => authorization(`Bearer ${value}`))
    },
  }
}

function requireKey(credentials: Credentials, context: AuthContext): string {
  const variables = ['WATSONX_APIKEY', 'WATSONX_API_KEY', 'WX_API_KEY']
  const key = findApiKey(credentials) ?? findSecret('apikey', variables, credentials, context)
  if (key !== undefined) return key
  throw new CredentialError(
    'There is no IBM Cloud API key',
    'Set api_key or WATSONX_APIKEY, or give a token (WATSONX_TOKEN).',
  )
}

function findSecret(
  option: string,
  variables: readonly string[],
  credentials: Credentials,
  context: AuthContext,
): string | undefined {
  const secrets = [credentials.options[option], ...variables.map((name) => context.env(name))]
  const secret = secrets.find((candidate) => candidate !== undefined && candidate !== '')
  return secret === undefined ? undefined : headerValue('The IBM Cloud credential', secret)
}

function authorization(value: string): Record<string, string> {
  return { authorization: value }
}
