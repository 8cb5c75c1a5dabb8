import type { AuthContext } from '../types/auth.ts'
import type { AwsKeys } from './aws-credentials.ts'
import type { SignAws } from './aws-signature.ts'
import { CredentialError } from './credential-error.ts'
import type { Expiring } from './token-cache.ts'
import { postForm, refusal } from './token-request.ts'
import type { TokenAnswer } from './token-request.ts'

/** A role to be taken on, and the service to ask for it. */
export interface AwsRole {
  roleArn: string
  sessionName: string
  externalId?: string | undefined
  region: string
  /** Default: the region's own endpoint. */
  endpoint?: string | undefined
}

const version = '2011-06-15'
const service = 'AWS STS'

/** Temporary keys for a role, asked for with long-lived ones. */
export async function assumeRole(
  role: AwsRole,
  keys: AwsKeys,
  sign: SignAws,
  context: AuthContext,
): Promise<Expiring<AwsKeys>> {
  const url = endpointOf(role)
  const form = { ...fieldsOf(role), Action: 'AssumeRole', ExternalId: role.externalId }
  const answer = await postForm(context, url, form, (body) =>
    sign(
      { method: 'POST', url, headers: {}, body },
      keys,
      { service: 'sts', region: role.region },
      context.nowMs(),
    ),
  )
  return parseKeys(answer)
}

/** Temporary keys for a role, asked for with a token of the platform the program runs on. */
export async function assumeRoleWithWebIdentity(
  role: AwsRole,
  webIdentityToken: string,
  context: AuthContext,
): Promise<Expiring<AwsKeys>> {
  const form = {
    ...fieldsOf(role),
    Action: 'AssumeRoleWithWebIdentity',
    WebIdentityToken: webIdentityToken,
  }
  return parseKeys(await postForm(context, endpointOf(role), form))
}

function endpointOf({ endpoint, region }: AwsRole): string {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  return endpoint ?? `https://sts.${region}.${domain}/`
}

function fieldsOf({ roleArn, sessionName }: AwsRole): Record<string, string> {
  return { Version: version, RoleArn: roleArn, RoleSessionName: sessionName }
}

/** STS answers in XML; the few values wanted are plain text in it. */
function parseKeys({ status, text }: TokenAnswer): Expiring<AwsKeys> {
  const value = (name: string): string | undefined => new RegExp(`<${name}>([^<]+)</${name}>`).exec(text)?.[1]
  if (status < 200 || status >= 300) throw refusal(service, status, value('Code'))
  const accessKeyId = value('AccessKeyId')
  const secretAccessKey = value('SecretAccessKey')
  const sessionToken = value('SessionToken')
  const expiresAtMs = Date.parse(value('Expiration') ?? '')
  if (accessKeyId && secretAccessKey && sessionToken && Number.isFinite(expiresAtMs)) {
    return { value: { accessKeyId, secretAccessKey, sessionToken }, expiresAtMs }
  }
  throw new CredentialError('AWS STS answered without keys', 'Check aws_sts_endpoint.')
}
