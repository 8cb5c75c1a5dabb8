import { z } from 'zod'
import { generalSettingsKeys, generalSettingsSchema } from './schema/general-settings.ts'
import type { GeneralSettings } from './schema/general-settings.ts'
import { litellmSettingsKeys, litellmSettingsSchema } from './schema/litellm-settings.ts'
import type { LitellmSettings } from './schema/litellm-settings.ts'
import { credentialListSchema, modelListSchema } from './schema/model-list.ts'
import type { CredentialEntry, ModelEntry } from './schema/model-list.ts'
import { networkKeys, networkSchema } from './schema/network.ts'
import type { NetworkSettings } from './schema/network.ts'
import { routerSettingsKeys, routerSettingsSchema } from './schema/router-settings.ts'
import type { RouterSettings } from './schema/router-settings.ts'
import { anyList, anyMap, anything, oneOrMore, sectionKeys } from './schema/values.ts'
import type { SectionKeys } from './schema/values.ts'

/** A `config.yaml` after its forms are checked: LiteLLM's names, numbers and flags of any spelling unified. */
export interface ConfigFile {
  [key: string]: unknown
  model_list?: ModelEntry[] | null | undefined
  litellm_settings?: LitellmSettings | null | undefined
  router_settings?: RouterSettings | null | undefined
  general_settings?: GeneralSettings | null | undefined
  credential_list?: CredentialEntry[] | null | undefined
  network?: NetworkSettings | null | undefined
}

const active = {
  model_list: modelListSchema,
  litellm_settings: litellmSettingsSchema.nullish(),
  router_settings: routerSettingsSchema.nullish(),
  general_settings: generalSettingsSchema.nullish(),
  environment_variables: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not a valid name of an environment variable'),
      z.union([z.string(), z.number(), z.boolean(), z.null()], 'expected a text'),
      'expected a map of variables',
    )
    .nullish(),
  include: oneOrMore(),
  credential_list: credentialListSchema,
  network: networkSchema.nullish(),
}

// Sections of LiteLLM and of ours whose features are not there yet.
const accepted = {
  guardrails: anyList(),
  policies: anything(),
  mcp_servers: anyMap(),
  mcp_tools: anyList(),
  prompts: anyList(),
  vector_store_registry: anyList(),
  search_tools: anyList(),
  callback_settings: anyMap(),
  assistant_settings: anyMap(),
  files_settings: anyList(),
  finetune_settings: anyList(),
  teams: anyList(),
  agents: anything(),
  storage: anyMap(),
}

/** The whole file. Unknown keys pass here; `checks/known-keys.ts` names them. */
export const configSchema: z.ZodType<ConfigFile> = z.looseObject({ ...active, ...accepted })
export const configKeys: SectionKeys = sectionKeys(active, accepted)

/** The sections whose keys are a closed list. */
export const settingsSections: Readonly<Record<string, SectionKeys>> = {
  litellm_settings: litellmSettingsKeys,
  router_settings: routerSettingsKeys,
  general_settings: generalSettingsKeys,
  network: networkKeys,
}
