import type { AuthContext, Credentials } from '../types/auth.ts'
import { CredentialError } from './credential-error.ts'
import { parseObject } from './token-request.ts'

export interface ServiceAccount {
  type: 'service_account'
  clientEmail: string
  privateKey: string
  privateKeyId?: string | undefined
  tokenUrl: string
  projectId?: string | undefined
}

export interface AuthorizedUser {
  type: 'authorized_user'
  clientId: string
  clientSecret: string
  refreshToken: string
  tokenUrl: string
  /** The project whose quota is used, as a user belongs to none. */
  projectId?: string | undefined
}

export type GoogleCredentials = ServiceAccount | AuthorizedUser

const defaultTokenUrl = 'https://oauth2.googleapis.com/token'

/** Where credentials are: JSON text, or the path of a file. Undefined when nobody said. */
export function findGoogleSource(credentials: Credentials, context: AuthContext): string | undefined {
  const candidates = [
    credentials.options['vertex_credentials'],
    context.env('VERTEXAI_CREDENTIALS'),
    context.env('GOOGLE_APPLICATION_CREDENTIALS'),
    wellKnownPath(context),
  ]
  return candidates.find((candidate) => candidate !== undefined && candidate.trim() !== '')
}

/** Reads the file of a service account, or the one that `gcloud auth application-default login` writes. */
export async function readGoogleCredentials(
  source: string,
  context: AuthContext,
): Promise<GoogleCredentials> {
  const isText = source.trimStart().startsWith('{')
  const file = parseObject(isText ? source : await readSource(source, context))
  if (file === undefined) {
    throw new CredentialError('The Google credentials are not JSON', 'Use the key file as Google gave it.')
  }
  const field = (name: string): string => {
    const value = file[name]
    if (typeof value === 'string' && value !== '') return value
    throw new CredentialError(
      `The Google credentials have no "${name}"`,
      'Use the key file as Google gave it.',
    )
  }
  const optional = (name: string): string | undefined => (file[name] === undefined ? undefined : field(name))
  const tokenUrl = optional('token_uri') ?? defaultTokenUrl
  switch (file['type']) {
    case 'service_account':
      return {
        type: 'service_account',
        clientEmail: field('client_email'),
        // Keys that went through an environment variable often come with their line ends escaped.
        privateKey: field('private_key').replaceAll('\\n', '\n'),
        privateKeyId: optional('private_key_id'),
        tokenUrl,
        projectId: optional('project_id'),
      }
    case 'authorized_user':
      return {
        type: 'authorized_user',
        clientId: field('client_id'),
        clientSecret: field('client_secret'),
        refreshToken: field('refresh_token'),
        tokenUrl,
        projectId: optional('quota_project_id'),
      }
    default:
      throw new CredentialError(
        'The Google credentials are neither of a service account nor of a user',
        'Create a key for a service account, or run "gcloud auth application-default login".',
      )
  }
}

/** Where gcloud keeps a user's own credentials. */
function wellKnownPath(context: AuthContext): string | undefined {
  if (context.readFile === undefined) return undefined
  const home = context.env('HOME')
  const roaming = context.env('APPDATA')
  const folder = roaming === undefined ? home && `${home}/.config` : roaming
  return folder && `${folder}/gcloud/application_default_credentials.json`
}

async function readSource(path: string, context: AuthContext): Promise<string> {
  try {
    if (context.readFile !== undefined) return await context.readFile(path)
  } catch {
    // The fault of the file system names the path and nothing that helps more than the error below.
  }
  throw new CredentialError(
    'The file with the Google credentials cannot be read',
    'Set vertex_credentials or GOOGLE_APPLICATION_CREDENTIALS to a readable key file, or to its text.',
  )
}
