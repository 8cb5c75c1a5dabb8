import { z } from 'zod'
import type { RestRoute } from '../../rest/route.ts'
import type { Sealer } from '../../store/seal.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import { id, map } from '../fields.ts'
import { badRequest, notFound } from '../refusals.ts'
import type { Work } from '../work.ts'

type Credential = Resource<'credentials'>

/** What `data` of `credentials` holds: every value is sealed. */
interface CredentialData {
  readonly [field: string]: unknown
  readonly credential_info: Readonly<Record<string, unknown>>
  readonly sealed_values: Readonly<Record<string, string>>
}

const credentials = resourceTable('credentials')

const values = z.record(z.string(), z.string())
const row = z
  .object({
    credential_name: z.string(),
    credential_info: z.record(z.string(), z.unknown()),
    credential_values: values.meta({ description: 'Masked' }),
  })
  .meta({ id: 'Credential' })
const done = z.object({ success: z.boolean(), message: z.string() })
const named = { credential_name: 'The credential' }

/** Secrets of providers under a name, for `litellm_credential_name`. */
export function createCredentialRoutes(admin: Admin, sealer: Sealer): readonly RestRoute[] {
  const common = { tag: 'Credentials' } as const
  return [
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/credentials'],
      summary: 'Keeps a provider’s secrets, encrypted, under a name',
      access: 'credentials:write',
      body: z.object({ credential_name: id, credential_info: map.nullish(), credential_values: values }),
      example: {
        credential_name: 'openai',
        credential_info: { custom_llm_provider: 'openai' },
        credential_values: { api_key: 'sk-…' },
      },
      answer: { description: 'That it is kept', schema: done },
      run: async ({ body }, work) => {
        const { credential_name: name } = body
        if ((await credentials.get(work.db, name)) !== undefined)
          throw badRequest(`Credential ${name} already exists. Change it with PATCH.`, 'credential_name')
        const data = await sealCredential(name, body.credential_info ?? {}, body.credential_values, sealer)
        await work.insert('credentials', { id: name, data })
        return { success: true, message: 'Credential created successfully' }
      },
    }),
    action(admin, {
      ...common,
      method: 'GET',
      paths: ['/credentials'],
      summary: 'All credentials, their values masked',
      access: 'credentials:read',
      answer: {
        description: 'The credentials',
        schema: z.object({ success: z.boolean(), credentials: z.array(row) }),
      },
      run: async (_, work) => ({ success: true, credentials: (await credentials.list(work.db)).map(render) }),
    }),
    action(admin, {
      ...common,
      method: 'GET',
      paths: ['/credentials/by_name/:credential_name'],
      params: named,
      summary: 'A credential, its values masked',
      access: 'credentials:read',
      answer: { description: 'The credential', schema: row },
      run: async ({ params }, work) => render(await find(params['credential_name'], work)),
    }),
    action(admin, {
      ...common,
      method: 'PATCH',
      paths: ['/credentials/:credential_name'],
      params: named,
      summary: 'Changes some values of a credential',
      access: 'credentials:write',
      body: z.object({ credential_info: map.nullish(), credential_values: values.nullish() }),
      example: { credential_values: { api_key: 'sk-…' } },
      answer: { description: 'That it is changed', schema: done },
      run: async ({ body, params }, work) => {
        const credential = await find(params['credential_name'], work)
        const { credential_info, sealed_values } = dataOf(credential)
        const fresh = await sealAll(credential.id, body.credential_values ?? {}, sealer)
        const data: CredentialData = {
          credential_info: { ...credential_info, ...body.credential_info },
          sealed_values: { ...sealed_values, ...fresh },
        }
        await work.update('credentials', credential, { data })
        return { success: true, message: 'Credential updated successfully' }
      },
    }),
    action(admin, {
      ...common,
      method: 'DELETE',
      paths: ['/credentials/:credential_name'],
      params: named,
      summary: 'Deletes a credential',
      access: 'credentials:write',
      answer: { description: 'That it is gone', schema: done },
      run: async ({ params }, work) => {
        await work.remove('credentials', [await find(params['credential_name'], work)])
        return { success: true, message: 'Credential deleted successfully' }
      },
    }),
  ]
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

async function sealAll(
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

async function find(name: string | undefined, { db }: Work): Promise<Credential> {
  const credential = name === undefined ? undefined : await credentials.get(db, name)
  if (credential === undefined)
    throw notFound('Credential not found. Got credential name: ' + name, 'credential_name')
  return credential
}

function dataOf({ data }: Credential): CredentialData {
  return data as CredentialData
}

function render(credential: Credential): z.output<typeof row> {
  const { credential_info, sealed_values } = dataOf(credential)
  return {
    credential_name: credential.id,
    credential_info: { ...credential_info },
    credential_values: Object.fromEntries(Object.keys(sealed_values).map((name) => [name, '****'])),
  }
}
