import { sealModel } from '../../models/stored-model.ts'
import { modelListSchema } from '../../config/schema/model-list.ts'
import { decryptAll, UNREADABLE, UNSEALABLE } from '../secrets.ts'
import type { Kind } from './kind.ts'
import { stampsOf } from './kind.ts'

export const models: Kind<'models'> = {
  table: 'models',
  source: 'LiteLLM_ProxyModelTable',
  id: 'model_id',
  map: async (columns, context) => {
    const id = columns.text('model_id') ?? ''
    const name = columns.text('model_name')
    const info = columns.map('model_info')
    const params = decryptAll(columns.map('litellm_params') ?? {}, context.secrets)
    if (params === undefined) return { leftOut: UNREADABLE }
    if (columns.flag('blocked') === true) return { leftOut: 'it is blocked' }
    const kept = Object.fromEntries(Object.entries(params).filter(([, value]) => value !== null))
    const checked = modelListSchema.safeParse([{ model_name: name, litellm_params: kept, model_info: info }])
    const [entry] = checked.data ?? []
    if (entry === undefined) {
      const [issue] = checked.error?.issues ?? []
      return { leftOut: `${issue?.path.slice(1).map(String).join('.')} ${issue?.message}` }
    }
    if (!context.secrets.canSeal) return { leftOut: UNSEALABLE }
    const data = await sealModel(id, entry, context.secrets.sealer)
    return { resource: { id, model_name: entry.model_name, data, ...stampsOf(columns, context) } }
  },
}
