import { isPlainObject, objectAt } from '../config/document/tree.ts'
import type { PlainObject } from '../config/document/tree.ts'
import type { GatewayConfig } from '../config/index.ts'
import type { LimitData } from '../store/data.ts'

/** What the configuration says of things that are made here: `litellm_settings`. */
export interface AdminSettings {
  /** For what a new key leaves out. */
  readonly keyDefaults: PlainObject
  /** The most that a new key may have; it also fills what is left out. */
  readonly keyUpperBounds: PlainObject
  readonly keyGeneration: KeyGenerationSettings
  /** For what a new user leaves out. */
  readonly userDefaults: PlainObject
  /** For what a new team leaves out. */
  readonly teamDefaults: PlainObject
  /** Teams that every user may join. */
  readonly availableTeams: readonly string[]
  /** Windows of budgets begin at its midnight. */
  readonly timezone: string | undefined
  /** What everybody together may spend. */
  readonly globalLimits: LimitData
}

export interface KeyGenerationSettings {
  readonly teamMemberRoles: readonly string[] | undefined
  readonly teamRequired: readonly string[]
  readonly userRoles: readonly string[] | undefined
  readonly personalRequired: readonly string[]
}

export function readAdminSettings({ sections }: Pick<GatewayConfig, 'sections'>): AdminSettings {
  const settings = objectAt(sections, 'litellm_settings')
  const generation = objectAt(settings, 'key_generation_settings')
  const team = objectAt(generation, 'team_key_generation')
  const personal = objectAt(generation, 'personal_key_generation')
  const userDefaults = objectAt(settings, 'default_internal_user_params')
  return {
    keyDefaults: objectAt(settings, 'default_key_generate_params'),
    keyUpperBounds: objectAt(settings, 'upperbound_key_generate_params'),
    keyGeneration: {
      teamMemberRoles: textsAt(team, 'allowed_team_member_roles'),
      teamRequired: textsAt(team, 'required_params') ?? [],
      userRoles: textsAt(personal, 'allowed_user_roles'),
      personalRequired: textsAt(personal, 'required_params') ?? [],
    },
    userDefaults: {
      ...pick(settings, {
        max_internal_user_budget: 'max_budget',
        internal_user_budget_duration: 'budget_duration',
      }),
      ...userDefaults,
    },
    teamDefaults: objectAt(settings, 'default_team_params'),
    availableTeams: textsAt(userDefaults, 'available_teams') ?? [],
    timezone: typeof settings['timezone'] === 'string' ? settings['timezone'] : undefined,
    globalLimits: pick(settings, { max_budget: 'max_budget', budget_duration: 'budget_duration' }),
  }
}

function textsAt(object: PlainObject, key: string): readonly string[] | undefined {
  const list = object[key]
  return Array.isArray(list) ? list.filter((entry) => typeof entry === 'string') : undefined
}

/** The settings that are there, under other names. */
function pick(object: PlainObject, names: Readonly<Record<string, string>>): PlainObject {
  return Object.fromEntries(
    Object.entries(names).flatMap(([from, to]) => {
      const value = isPlainObject(object) ? object[from] : undefined
      return value == null ? [] : [[to, value]]
    }),
  )
}
