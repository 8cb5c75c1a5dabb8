import type { Sealer } from '../store/seal.ts'
import type { Resource } from '../store/tables/resources.ts'

type Credential = Resource<'credentials'>

/** What `data` of `credentials` holds: every value is sealed. */
export interface CredentialData {
  readonly [field: string]: unknown
  readonly credential_info: Readonly<Record<string, unknown>>
  readonly sealed_values: Readonly<Record<string, string>>
}

/** A credential as it is kept. @throws `sealed` when there is no key to seal it with. */
export async function sealCredential(
  name: string,
  info: CredentialData['credential_info'],
  plain: Readonly<Record<string, string>>,
  sealer: Sealer,
): Promise<CredentialData> {
  return { credential_info: info, sealed_values: await sealAll(name, plain, sealer) }
}

/** The values of a credential. @throws `sealed` when they cannot be opened. */
export async function openCredential(
  credential: Credential,
  sealer: Sealer,
): Promise<Readonly<Record<string, string>>> {
  const opened = Object.entries(dataOf(credential).sealed_values).map(
    async ([name, sealed]) => [name, await sealer.open(sealed, rowOf(credential.id, name))] as const,
  )
  return Object.fromEntries(await Promise.all(opened))
}

export async function sealAll(
  credential: string,
  plain: Readonly<Record<string, string>>,
  sealer: Sealer,
): Promise<Readonly<Record<string, string>>> {
  const sealed = Object.entries(plain).map(
    async ([name, value]) => [name, await sealer.seal(value, rowOf(credential, name))] as const,
  )
  return Object.fromEntries(await Promise.all(sealed))
}

/** Bound to its name too, so that one value cannot stand for another. */
function rowOf(credential: string, name: string): { table: string; id: string } {
  return { table: 'credentials', id: `${credential}/${name}` }
}

export function dataOf({ data }: Credential): CredentialData {
  return data as CredentialData
}
