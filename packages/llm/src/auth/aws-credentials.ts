import type { AuthContext, Credentials } from '../types/auth.ts'
import { CredentialError } from './credential-error.ts'

export interface AwsKeys {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string | undefined
}

/**
 * Long-lived keys: from the call, from the named profile, from the environment, or from the default profile of the
 * shared credentials file, in this order. Undefined when there are none.
 */
export async function findAwsKeys(
  credentials: Credentials,
  context: AuthContext,
): Promise<AwsKeys | undefined> {
  const { options } = credentials
  const given = keysFrom((name) => options[name])
  if (given !== undefined) return given
  const profile = options['aws_profile_name']
  if (profile) {
    const keys = await readProfile(profile, context)
    if (keys !== undefined) return keys
    throw new CredentialError(
      'The AWS profile has no keys in the shared credentials file',
      'Check aws_profile_name; profiles that sign in by SSO or by a process are not read.',
    )
  }
  return (
    keysFrom((name) => context.env(name.toUpperCase())) ??
    (await readProfile(context.env('AWS_PROFILE') || 'default', context))
  )
}

function keysFrom(read: (name: string) => string | undefined): AwsKeys | undefined {
  const accessKeyId = read('aws_access_key_id')?.trim()
  const secretAccessKey = read('aws_secret_access_key')?.trim()
  if (!accessKeyId && !secretAccessKey) return undefined
  if (accessKeyId && secretAccessKey) {
    return { accessKeyId, secretAccessKey, sessionToken: read('aws_session_token')?.trim() || undefined }
  }
  const missing = accessKeyId ? 'aws_secret_access_key' : 'aws_access_key_id'
  throw new CredentialError(
    `The AWS credentials have no ${missing}`,
    'An access key id and its secret go together.',
  )
}

async function readProfile(profile: string, context: AuthContext): Promise<AwsKeys | undefined> {
  const home = context.env('HOME') ?? context.env('USERPROFILE')
  const path = context.env('AWS_SHARED_CREDENTIALS_FILE') ?? (home && `${home}/.aws/credentials`)
  if (path === undefined) return undefined
  const text = await context.readFile?.(path).catch(() => undefined)
  if (text === undefined) return undefined
  const settings = parseProfile(text, profile)
  return keysFrom((name) => settings.get(name))
}

function parseProfile(text: string, profile: string): Map<string, string> {
  const settings = new Map<string, string>()
  let isInside = false
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[\s*(?:profile\s+)?(.+?)\s*\]/.exec(line)
    if (section !== null) isInside = section[1] === profile
    const setting = /^\s*([^#;=\s]+)\s*=\s*(.*?)\s*$/.exec(line)
    if (isInside && setting !== null) settings.set(setting[1]?.toLowerCase() ?? '', setting[2] ?? '')
  }
  return settings
}
