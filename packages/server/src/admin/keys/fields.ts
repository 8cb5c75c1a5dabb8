import { z } from 'zod'
import type { KeyData, LimitData } from '../../store/data.ts'
import { count, duration, flag, id, limitFields, map, optional, text, texts, usd } from '../fields.ts'
import type { Given } from '../fields.ts'

/** What a client may say of a key: LiteLLM's fields, and nothing that is not among them. */
export interface KeyFields extends Given<LimitData> {
  key?: string | null | undefined
  key_alias?: string | null | undefined
  duration?: string | null | undefined
  spend?: number | null | undefined
  user_id?: string | null | undefined
  team_id?: string | null | undefined
  organization_id?: string | null | undefined
  budget_id?: string | null | undefined
  models?: string[] | null | undefined
  metadata?: Record<string, unknown> | null | undefined
  tags?: string[] | null | undefined
  allowed_routes?: string[] | null | undefined
  key_type?: string | null | undefined
  auto_rotate?: boolean | null | undefined
  rotation_interval?: string | null | undefined
  blocked?: boolean | null | undefined
  [field: string]: unknown
}

/** Where "for ever" may be said, LiteLLM says it so. */
export const FOR_EVER = '-1'

export const lifetime: z.ZodType<string> = z.union([duration, z.literal(FOR_EVER)])

/** Fields that are kept as they come. */
const kept = {
  ...limitFields,
  models: texts.nullish().meta({ description: 'Models, groups of models or patterns; empty: all' }),
  aliases: z
    .record(z.string(), z.string())
    .nullish()
    .meta({ description: 'Names of the key’s own for models' }),
  metadata: map.nullish().meta({ description: 'Anything you want to find again' }),
  tags: texts.nullish().meta({ description: 'What its requests are marked with' }),
  permissions: map.nullish(),
  config: map.nullish(),
  blocked: flag.nullish(),
  agent_id: text.nullish(),
  allowed_routes: texts
    .nullish()
    .meta({ description: 'Routes, patterns, or groups such as `llm_api_routes`' }),
  allowed_ips: texts.nullish().meta({ description: 'Addresses it may be used from' }),
  allowed_cache_controls: z.array(z.unknown()).nullish(),
  allowed_passthrough_routes: z.array(z.unknown()).nullish(),
  allowed_vector_store_indexes: z.array(z.unknown()).nullish(),
  access_group_ids: texts.nullish(),
  enforced_params: texts.nullish(),
  guardrails: texts.nullish(),
  policies: texts.nullish(),
  prompts: texts.nullish(),
  disable_global_guardrails: flag.nullish(),
  throttle_on_budget_exceeded: flag.nullish(),
  object_permission: map.nullish(),
  router_settings: map.nullish(),
  budget_fallbacks: z.record(z.string(), texts).nullish(),
  mcp_rpm_limit: z.record(z.string(), count).nullish(),
  tag_rpm_limit: z
    .record(z.string(), count)
    .nullish()
    .meta({ description: 'Requests a minute with one tag' }),
  tag_tpm_limit: z.record(z.string(), count).nullish(),
  allowed_model_region: z
    .enum(['eu', 'us'])
    .nullish()
    .meta({ description: 'Only deployments there may serve it' }),
  rpm_limit_type: z.enum(['guaranteed_throughput', 'best_effort_throughput', 'dynamic']).nullish(),
  tpm_limit_type: z.enum(['guaranteed_throughput', 'best_effort_throughput', 'dynamic']).nullish(),
  auto_rotate: flag.nullish(),
  rotation_interval: optional(duration),
}

const common = {
  ...kept,
  key_alias: optional(id).meta({ description: 'A name for people; no two keys have the same' }),
  duration: optional(lifetime).meta({ description: 'How long it works: `30d`; `-1` for ever' }),
  spend: usd.nullish(),
  user_id: optional(id),
  team_id: optional(id),
  organization_id: optional(id),
  budget_id: optional(id).meta({ description: 'A budget whose limits hold where the key has none' }),
}

const customKey = z
  .string()
  .min(8, 'must have at least 8 characters')
  .max(512)
  .regex(/^sk-[\w.-]+$/, "must begin with 'sk-' and go on with letters, digits, -, _ or .")

export const newKeyFields: z.ZodType<KeyFields> = z
  .object({
    ...common,
    key: customKey.nullish().meta({ description: 'The key itself; left out, one is made' }),
    key_type: z.enum(['default', 'llm_api', 'management', 'read_only']).nullish(),
  })
  .meta({ id: 'NewKey' })

export const changedKeyFields: z.ZodType<KeyFields & { key: string }> = z
  .object({
    ...common,
    key: z.string().min(1).meta({ description: 'The key, or its hash' }),
    temp_budget_increase: usd.nullish(),
    temp_budget_expiry: z.iso.datetime({ offset: true, local: true }).nullish(),
  })
  .meta({ id: 'ChangedKey' })

export interface Rotation extends KeyFields {
  new_key?: string | null | undefined
  grace_period?: string | null | undefined
}

export const rotationFields: z.ZodType<Rotation> = z
  .object({
    ...common,
    key: z.string().min(1).nullish(),
    new_key: customKey.nullish(),
    grace_period: optional(duration).meta({ description: 'How long the old key goes on working' }),
  })
  .meta({ id: 'KeyRotation' })

const KEPT: ReadonlySet<string> = new Set([
  ...Object.keys(kept),
  'temp_budget_increase',
  'temp_budget_expiry',
])

/** Of those fields what `data` keeps. Null clears. */
export function dataOf(fields: KeyFields): Partial<KeyData> {
  const own = Object.entries(fields).filter(([name, value]) => KEPT.has(name) && value !== undefined)
  return { ...liftedFrom(fields.metadata), ...Object.fromEntries(own) }
}

/** LiteLLM's clients may also say these inside the metadata. */
const lifted = z.object({
  tags: texts.optional().catch(undefined),
  model_rpm_limit: limitFields.model_rpm_limit.catch(undefined),
  model_tpm_limit: limitFields.model_tpm_limit.catch(undefined),
})

function liftedFrom(metadata: KeyFields['metadata']): Partial<KeyData> {
  if (metadata == null) return {}
  const found = Object.entries(lifted.parse(metadata)).filter(([, value]) => value !== undefined)
  return Object.fromEntries(found)
}

/** What a kind of key may reach, as LiteLLM's groups of routes. */
export function routesOf(keyType: string | null | undefined): readonly string[] | undefined {
  if (keyType === 'llm_api') return ['llm_api_routes']
  if (keyType === 'management') return ['management_routes']
  if (keyType === 'read_only') return ['info_routes']
  return undefined
}
