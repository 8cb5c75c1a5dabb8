import type { ModelEntry } from '../config/schema/model-list.ts'
import { redactTree } from '../config/secrets/redact.ts'
import type { Sealer } from '../store/seal.ts'
import type { Resource } from '../store/tables/resources.ts'

/** What `data` of `models` holds. A parameter that has a secret in it is sealed as a whole, as JSON. */
export interface ModelData {
  readonly [field: string]: unknown
  readonly litellm_params: Readonly<Record<string, unknown>>
  readonly sealed_params: Readonly<Record<string, string>>
  readonly model_info: Readonly<Record<string, unknown>>
}

type Entry = Pick<ModelEntry, 'model_name' | 'litellm_params'> & { model_info?: object | null | undefined }

/** A deployment as it is kept. @throws `sealed` when it holds secrets and there is no key to seal them with. */
export async function sealModel(id: string, entry: Entry, sealer: Sealer): Promise<ModelData> {
  const open: Record<string, unknown> = {}
  const sealed: Record<string, string> = {}
  for (const [name, value] of Object.entries(entry.litellm_params)) {
    if (value === undefined || value === null) continue
    const text = JSON.stringify(value)
    if (JSON.stringify(redactTree(value, name)) === text) open[name] = value
    else sealed[name] = await sealer.seal(text, rowOf(id, name))
  }
  return { litellm_params: open, sealed_params: sealed, model_info: { ...entry.model_info, id } }
}

/** The deployment as an entry of `model_list`, with its secrets. @throws `sealed` when they cannot be opened. */
export async function openModel(row: Resource<'models'>, sealer: Sealer): Promise<ModelEntry> {
  const { litellm_params, sealed_params, model_info } = dataOf(row)
  const params: Record<string, unknown> = { ...litellm_params }
  for (const [name, sealed] of Object.entries(sealed_params))
    params[name] = JSON.parse(await sealer.open(sealed, rowOf(row.id, name)))
  return {
    model_name: row.model_name,
    // It was checked when it came in.
    litellm_params: params as ModelEntry['litellm_params'],
    model_info: { ...model_info, db_model: true },
  }
}

export function dataOf({ data }: Resource<'models'>): ModelData {
  return data as ModelData
}

/** Bound to its parameter too, so that one cannot stand for another. */
function rowOf(id: string, name: string): { table: string; id: string } {
  return { table: 'models', id: `${id}/${name}` }
}
