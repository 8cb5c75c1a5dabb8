import type { AuthContext, AuthRequest, AuthScheme, Credentials } from '../types/auth.ts'
import { findApiKey, headerValue } from './api-key.ts'
import { findAwsKeys } from './aws-credentials.ts'
import type { AwsKeys } from './aws-credentials.ts'
import { createAwsSigner } from './aws-signature.ts'
import type { SignAws } from './aws-signature.ts'
import { assumeRole, assumeRoleWithWebIdentity } from './aws-sts.ts'
import type { AwsRole } from './aws-sts.ts'
import { CredentialError } from './credential-error.ts'
import { createTokenCache } from './token-cache.ts'
import type { Expiring } from './token-cache.ts'

export interface AwsSigV4Options {
  /** The name that the service signs by. */
  service: string
  /** An environment variable with a key that is sent as a bearer token instead of a signature. */
  bearerKeyVariable?: string | undefined
}

/** Keys that were read from a file or the environment are looked up again after this long. */
const lookUpLifeMs = 300_000

/**
 * AWS: an API key as a bearer token, else Signature Version 4 with keys from `aws_access_key_id` and
 * `aws_secret_access_key`, `aws_profile_name`, the environment or the shared credentials file, changed for the temporary
 * keys of `aws_role_name` (or, with `aws_web_identity_token`, obtained by it) where a role is named.
 */
export function awsSigV4({ service, bearerKeyVariable }: AwsSigV4Options): AuthScheme {
  const cache = createTokenCache<AwsKeys>()
  const sign = createAwsSigner()
  return {
    id: 'aws-sigv4',
    environment: [
      ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
      ...(bearerKeyVariable === undefined ? [] : [[bearerKeyVariable]]),
      ['AWS_PROFILE'],
    ],
    authorize(request, credentials, context) {
      const key = findBearerKey(credentials, context, bearerKeyVariable)
      if (key !== undefined) return { authorization: `Bearer ${key}` }
      return authorizeBySignature(request, credentials, context)
    },
  }

  async function authorizeBySignature(
    request: AuthRequest,
    credentials: Credentials,
    context: AuthContext,
  ): Promise<Record<string, string>> {
    const region = findAwsRegion(request.url, credentials, context)
    if (region === undefined) {
      throw new CredentialError('The AWS region is not known', 'Set aws_region_name or AWS_REGION_NAME.')
    }
    const source = JSON.stringify([credentials.options, region])
    const keys = await cache.get(source, context.nowMs, () => fetchKeys(credentials, region, sign, context))
    return sign(request, keys, { service, region }, context.nowMs())
  }
}

const regionInHost = /\.(?<region>[a-z]{2}(?:-[a-z]+)+-\d)\.(?:api\.aws|amazonaws\.com)(?:\.cn)?$/

/** The region that an endpoint's own name shows, else the one that the caller or the environment names. */
export function findAwsRegion(
  url: string,
  { options }: Credentials,
  context: AuthContext,
): string | undefined {
  return (
    regionInHost.exec(URL.parse(url)?.hostname ?? '')?.groups?.['region'] ??
    (options['aws_region_name'] ||
      context.env('AWS_REGION_NAME') ||
      context.env('AWS_REGION') ||
      context.env('AWS_DEFAULT_REGION') ||
      undefined)
  )
}

/** Keys named by the call go before a bearer key that merely stands in the environment. */
function findBearerKey(
  credentials: Credentials,
  context: AuthContext,
  variable: string | undefined,
): string | undefined {
  const key = findApiKey(credentials)
  if (key !== undefined || variable === undefined) return key
  const { options } = credentials
  const named = ['aws_access_key_id', 'aws_profile_name', 'aws_role_name', 'aws_web_identity_token']
  const inEnvironment = context.env(variable)
  if (inEnvironment === undefined || named.some((name) => options[name])) return undefined
  return headerValue(variable, inEnvironment)
}

async function fetchKeys(
  credentials: Credentials,
  region: string,
  sign: SignAws,
  context: AuthContext,
): Promise<Expiring<AwsKeys>> {
  const { options } = credentials
  const role = findRole(credentials, region, context)
  if (role !== undefined && options['aws_web_identity_token']) {
    return assumeRoleWithWebIdentity(
      role,
      await readToken(options['aws_web_identity_token'], context),
      context,
    )
  }
  const keys = await findAwsKeys(credentials, context)
  if (keys !== undefined) {
    if (role !== undefined && options['aws_role_name']) return assumeRole(role, keys, sign, context)
    return { value: keys, expiresAtMs: context.nowMs() + lookUpLifeMs }
  }
  const tokenFile = context.env('AWS_WEB_IDENTITY_TOKEN_FILE')
  if (role !== undefined && tokenFile) {
    return assumeRoleWithWebIdentity(role, await readToken(tokenFile, context), context)
  }
  throw new CredentialError(
    'There are no AWS credentials',
    'Set aws_access_key_id and aws_secret_access_key (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), aws_profile_name, or api_key.',
  )
}

function findRole({ options }: Credentials, region: string, context: AuthContext): AwsRole | undefined {
  const roleArn = options['aws_role_name'] || context.env('AWS_ROLE_ARN')
  if (!roleArn) return undefined
  return {
    roleArn,
    region,
    sessionName: options['aws_session_name'] || context.env('AWS_ROLE_SESSION_NAME') || 'switchyard',
    externalId: options['aws_external_id'] || undefined,
    endpoint: options['aws_sts_endpoint'] || context.env('AWS_ENDPOINT_URL_STS') || undefined,
  }
}

/** The token itself, or the path of the file that holds it. */
async function readToken(tokenOrPath: string, context: AuthContext): Promise<string> {
  const looksLikeToken = /^[\w-]+\.[\w-]+\.[\w-]+$/.test(tokenOrPath)
  if (looksLikeToken) return tokenOrPath
  const text = await context.readFile?.(tokenOrPath).catch(() => undefined)
  if (text !== undefined) return text.trim()
  throw new CredentialError(
    'The AWS web identity token cannot be read',
    'Set aws_web_identity_token or AWS_WEB_IDENTITY_TOKEN_FILE to a readable file, or the former to the token.',
  )
}
