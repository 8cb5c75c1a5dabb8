/**
 * What `data` of each table holds, under LiteLLM's names. The admin API checks it when it comes in; whoever reads it
 * may rely on it. A field that is left out or null sets no limit. Money is US dollars, as the client wrote it.
 */

/** What one scope may spend and ask for. */
export interface LimitData {
  max_budget?: number | null
  /** Passing it is told, not refused. */
  soft_budget?: number | null
  /** `30d`, `monthly` …; left out: for ever. */
  budget_duration?: string | null
  /** Unix time from which spend counts: when the limit was set, or when its spend was last reset. */
  budget_since_ms?: number
  /** More windows, all of which must have room. */
  budget_limits?: readonly BudgetWindowData[] | null
  rpm_limit?: number | null
  tpm_limit?: number | null
  max_parallel_requests?: number | null
  model_max_budget?: Readonly<Record<string, ModelBudgetData>> | null
  model_rpm_limit?: Readonly<Record<string, number>> | null
  model_tpm_limit?: Readonly<Record<string, number>> | null
}

export interface BudgetWindowData {
  readonly budget_duration: string
  readonly max_budget: number
}

/** LiteLLM has two spellings; both are kept as the client wrote them. */
export interface ModelBudgetData {
  readonly max_budget?: number | null
  readonly budget_limit?: number | null
  readonly budget_duration?: string | null
  readonly time_period?: string | null
  readonly rpm_limit?: number | null
  readonly tpm_limit?: number | null
  /** The models that share it; left out: the one it stands under. */
  readonly models?: readonly string[] | null
}

type Metadata = Readonly<Record<string, unknown>>

/** Rows of `keys`. The alias, its owners, its budget and its expiry are columns. */
export interface KeyData extends LimitData {
  /** `sk-...abcd` */
  key_name?: string
  models?: readonly string[]
  /** Names of the key's own for models. */
  aliases?: Readonly<Record<string, string>>
  metadata?: Metadata
  tags?: readonly string[] | null
  permissions?: Metadata
  blocked?: boolean | null
  /** Names, patterns, or LiteLLM's groups of routes. Empty or left out: every route that the role may use. */
  allowed_routes?: readonly string[]
  /** Empty or left out: from anywhere. */
  allowed_ips?: readonly string[] | null
  agent_id?: string | null
  /** Requests and tokens per minute of requests with one tag. */
  tag_rpm_limit?: Readonly<Record<string, number>> | null
  tag_tpm_limit?: Readonly<Record<string, number>> | null
  /** `eu` or `us`: only deployments there may serve it. */
  allowed_model_region?: string | null
  /** Fields that every request has to have, as `user` or `metadata.job`. */
  enforced_params?: readonly string[] | null
  /** Added to `max_budget` until `temp_budget_expiry`, an ISO time. */
  temp_budget_increase?: number | null
  temp_budget_expiry?: string | null
  /** The id that its spend counts under: the first hash of a key that was rotated since. Left out: its own. */
  scope_id?: string
  router_settings?: Metadata | null
  /** Models to use where the budget of one is used up. */
  budget_fallbacks?: Readonly<Record<string, readonly string[]>> | null
  /** The hash that took its place. It works as that one, until `expires_ms`. */
  replaced_by?: string
  [field: string]: unknown
}

/** Rows of `teams`. */
export interface TeamData extends LimitData {
  router_settings?: Metadata | null
  models?: readonly string[]
  model_aliases?: Readonly<Record<string, string>> | null
  metadata?: Metadata
  tags?: readonly string[] | null
  blocked?: boolean
  /** What plain members may do with the team's keys, in LiteLLM's route names. Left out: look at them. */
  team_member_permissions?: readonly string[] | null
  /** For members who have none of their own. */
  team_member_budget?: number | null
  team_member_budget_duration?: string | null
  team_member_rpm_limit?: number | null
  team_member_tpm_limit?: number | null
  default_team_member_models?: readonly string[] | null
  [field: string]: unknown
}

/** Rows of `team_members`; the limits are those within the team. */
export interface TeamMemberData extends LimitData {
  user_email?: string | null
  allowed_models?: readonly string[] | null
}

/** Rows of `users`. */
export interface UserData extends LimitData {
  user_alias?: string | null
  models?: readonly string[]
  metadata?: Metadata
  [field: string]: unknown
}

/** Rows of `organizations`. */
export interface OrganizationData extends LimitData {
  models?: readonly string[]
  metadata?: Metadata
}

/** Rows of `organization_members`. */
export interface OrganizationMemberData extends LimitData {
  user_email?: string | null
}

/** Rows of `customers`. */
export interface CustomerData extends LimitData {
  alias?: string | null
  blocked?: boolean
  allowed_model_region?: string | null
  default_model?: string | null
}

/** Rows of `budgets`: they hold for whoever names them and has no such limit of its own. */
export interface BudgetData extends LimitData {}

/** Rows of `tags`. */
export interface TagData extends LimitData {
  description?: string | null
  models?: readonly string[] | null
}
