import { AwsV4Signer } from 'aws4fetch'
import type { AuthRequest } from '../types/auth.ts'
import type { AwsKeys } from './aws-credentials.ts'

export interface AwsScope {
  service: string
  region: string
}

/** The headers that carry the signature. */
export type SignAws = (
  request: AuthRequest,
  keys: AwsKeys,
  scope: AwsScope,
  nowMs: number,
) => Promise<Record<string, string>>

/** Derived keys change every day and with every set of temporary keys; old ones are of no use. */
const mostDerivedKeys = 100

/**
 * Signature Version 4. The path is encoded once more for the signature, as every service but S3 wants: the `%3A` of a
 * Bedrock model id is signed as `%253A`. Only the host and `x-amz-*` headers are signed, so that what is added to the
 * request later does not break the signature.
 */
export function createAwsSigner(): SignAws {
  const derivedKeys = new Map<string, ArrayBuffer>()
  return async (
    { method, url, headers, body },
    { accessKeyId, secretAccessKey, sessionToken },
    scope,
    nowMs,
  ) => {
    if (derivedKeys.size > mostDerivedKeys) derivedKeys.clear()
    const signer = new AwsV4Signer({
      ...scope,
      method,
      url,
      headers: Object.entries(headers).filter(([name]) => name.toLowerCase().startsWith('x-amz-')),
      body: body instanceof Uint8Array ? new Uint8Array(body) : (body ?? null),
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      datetime: new Date(nowMs).toISOString().replaceAll(/[:-]|\.\d{3}/g, ''),
      cache: derivedKeys,
    })
    return Object.fromEntries((await signer.sign()).headers)
  }
}
