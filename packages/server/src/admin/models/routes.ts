import { z } from 'zod'
import { modelListSchema } from '../../config/schema/model-list.ts'
import type { RestRoute } from '../../rest/route.ts'
import type { Sealer } from '../../store/seal.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import { id } from '../fields.ts'
import { badRequest } from '../refusals.ts'
import { checkVersion } from '../version.ts'
import type { Work } from '../work.ts'
import { giveToTeam, takeFromTeam } from './team-model.ts'
import { dataOf, openModel, sealModel } from '../../models/stored-model.ts'

type Model = Resource<'models'>

const models = resourceTable('models')

const row = z
  .looseObject({
    model_id: z.string(),
    model_name: z.string().meta({ description: 'The name that clients ask for' }),
    litellm_params: z.looseObject({ model: z.string() }),
    model_info: z.looseObject({ id: z.string() }),
  })
  .meta({ id: 'StoredModel' })

const params = z.record(z.string(), z.unknown())
const info = z.looseObject({ id: id.nullish() })
const made = z.object({
  model_name: z.string().min(1).meta({ description: 'The name that clients ask for' }),
  litellm_params: params.meta({ description: 'As in `model_list`: `model`, `api_key`, `api_base` …' }),
  model_info: info.nullish(),
})
const changed = z.object({
  model_name: z.string().min(1).nullish(),
  litellm_params: params.nullish().meta({ description: 'Only those that change; null takes one away' }),
  model_info: info.nullish(),
})

/** Models that are kept in the database, beside those of the configuration file. */
export function createModelRoutes(admin: Admin, sealer: Sealer): readonly RestRoute[] {
  const common = { tag: 'Models', access: 'models:write' } as const
  const update = async (
    modelId: string,
    body: z.output<typeof changed>,
    ifMatch: string | undefined,
    work: Work,
  ): Promise<Model> => {
    const model = await find(modelId, work)
    checkVersion(model, ifMatch)
    const before = await openModel(model, sealer)
    const entry = checked({
      model_name: body.model_name ?? model.model_name,
      litellm_params: { ...before.litellm_params, ...body.litellm_params },
      model_info: { ...dataOf(model).model_info, ...body.model_info, id: model.id },
    })
    const data = await sealModel(model.id, entry, sealer)
    return await work.update('models', model, { model_name: entry.model_name, data })
  }
  return [
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/model/new'],
      summary: 'Adds a deployment; its secrets are kept encrypted',
      body: made,
      example: { model_name: 'gpt-4o', litellm_params: { model: 'openai/gpt-4o', api_key: 'sk-…' } },
      answer: { description: 'The deployment, secrets masked', schema: row },
      run: async ({ body }, work) => {
        const modelId = body.model_info?.id ?? work.newId()
        if ((await models.get(work.db, modelId)) !== undefined)
          throw badRequest(
            `Model with id=${modelId} already exists. Change it with /model/update.`,
            'model_info',
          )
        const entry = await giveToTeam(checked(body), work)
        const data = await sealModel(modelId, entry, sealer)
        return render(await work.insert('models', { id: modelId, model_name: entry.model_name, data }))
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/model/update'],
      summary: 'Changes a deployment that is kept in the database',
      body: changed,
      example: { model_info: { id: 'model-1' }, litellm_params: { rpm: 100 } },
      answer: { description: 'The deployment as it is now', schema: row },
      run: async ({ body, ifMatch }, work) => {
        const modelId = body.model_info?.id
        if (modelId == null)
          throw badRequest('Send model_info.id, the id of the model that changes.', 'model_info')
        return render(await update(modelId, body, ifMatch, work))
      },
    }),
    action(admin, {
      ...common,
      method: 'PATCH',
      paths: ['/model/:model_id/update'],
      params: { model_id: 'The deployment’s id' },
      summary: 'Changes a deployment that is kept in the database, by the path',
      body: changed,
      example: { litellm_params: { rpm: 100 } },
      answer: { description: 'The deployment as it is now', schema: row },
      run: async ({ body, ifMatch, params: { model_id: modelId = '' } }, work) =>
        render(await update(modelId, body, ifMatch, work)),
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/model/delete'],
      summary: 'Deletes a deployment that is kept in the database',
      body: z.object({ id: id.meta({ description: 'The deployment' }) }),
      example: { id: 'model-1' },
      answer: { description: 'That it is gone', schema: z.object({ message: z.string() }) },
      run: async ({ body }, work) => {
        const model = await find(body.id, work)
        await takeFromTeam(model, dataOf(model).model_info, work)
        await work.remove('models', [model])
        return { message: `Model: ${body.id} deleted successfully` }
      },
    }),
  ]
}

/** What an entry of `model_list` may be. @throws 400 */
function checked(entry: z.output<typeof made>): Parameters<typeof sealModel>[1] {
  const kept = Object.entries(entry.litellm_params).filter(([, value]) => value !== null)
  const result = modelListSchema.safeParse([{ ...entry, litellm_params: Object.fromEntries(kept) }])
  const [model] = result.data ?? []
  if (model !== undefined) return model
  const [issue] = result.error?.issues ?? []
  const path = (issue?.path ?? []).slice(1).map(String).join('.')
  throw badRequest(`Invalid value for '${path}': ${issue?.message ?? 'it is no model'}.`, path)
}

async function find(modelId: string, { db }: Work): Promise<Model> {
  const model = await models.get(db, modelId)
  if (model === undefined)
    throw badRequest(
      `Model with id=${modelId} not found in db. Models of the configuration file are changed there.`,
      'id',
    )
  return model
}

function render(model: Model): object {
  const { litellm_params, sealed_params, model_info } = dataOf(model)
  const masked = Object.fromEntries(Object.keys(sealed_params).map((name) => [name, '****']))
  return {
    model_id: model.id,
    model_name: model.model_name,
    litellm_params: { ...litellm_params, ...masked },
    model_info: { ...model_info, db_model: true },
    created_at: new Date(model.created_ms).toISOString(),
    created_by: model.created_by,
    updated_at: new Date(model.updated_ms).toISOString(),
    updated_by: model.updated_by,
  }
}
