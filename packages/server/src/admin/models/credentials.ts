import { z } from 'zod'
import { dataOf, sealAll, sealCredential } from '../../models/stored-credential.ts'
import type { CredentialData } from '../../models/stored-credential.ts'
import { dataOf as modelDataOf } from '../../models/stored-model.ts'
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
      method: 'GET',
      paths: ['/credentials/by_model/:model_id'],
      params: { model_id: 'The deployment' },
      summary: 'What a deployment of the database is called with, its secrets masked',
      access: 'credentials:read',
      answer: { description: 'As a credential', schema: row },
      run: async ({ params }, work) => await credentialOfModel(params['model_id'] ?? '', work),
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

async function find(name: string | undefined, { db }: Work): Promise<Credential> {
  const credential = name === undefined ? undefined : await credentials.get(db, name)
  if (credential === undefined)
    throw notFound('Credential not found. Got credential name: ' + name, 'credential_name')
  return credential
}

/** The credential that a deployment names, or its own secrets as one. @throws 404 */
async function credentialOfModel(modelId: string, work: Work): Promise<z.output<typeof row>> {
  const model = await resourceTable('models').get(work.db, modelId)
  if (model === undefined) throw notFound(`Model not found. Got model ID: ${modelId}`, 'model_id')
  const { litellm_params, sealed_params } = modelDataOf(model)
  const named = litellm_params['litellm_credential_name']
  if (typeof named === 'string') return render(await find(named, work))
  return {
    credential_name: `${model.model_name}-credential-${model.id}`,
    credential_info: {},
    credential_values: masked(sealed_params),
  }
}

function masked(sealed: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(sealed).map((name) => [name, '****']))
}

function render(credential: Credential): z.output<typeof row> {
  const { credential_info, sealed_values } = dataOf(credential)
  return {
    credential_name: credential.id,
    credential_info: { ...credential_info },
    credential_values: masked(sealed_values),
  }
}
