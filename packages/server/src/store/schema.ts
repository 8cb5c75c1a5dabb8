import type { Generated } from 'kysely'

/**
 * The tables, as rows. One set for SQLite and PostgreSQL, so only what both have: texts, integers and money.
 *
 * - `…_ms`: Unix milliseconds. `day`: UTC days since 1970.
 * - Flags are 0 or 1.
 * - `…_pico_usd`: exact money, a `bigint` here; 64 bits in SQLite, `numeric(38, 0)` in PostgreSQL.
 * - `data` and other JSON: a text that its table's module writes and reads.
 */
export interface Schema {
  keys: KeyRow
  teams: TeamRow
  team_members: TeamMemberRow
  users: UserRow
  organizations: OrganizationRow
  organization_members: OrganizationMemberRow
  customers: CustomerRow
  budgets: BudgetRow
  tags: TagRow
  models: ModelRow
  credentials: CredentialRow
  audit_log: AuditRow
  settings: SettingRow
  ledger_entries: LedgerEntryRow
  ledger_tags: LedgerTagRow
  request_logs: RequestLogRow
  daily_spend: DailySpendRow
  balances: BalanceRow
  counters: CounterRow
  reservations: ReservationRow
}

/** What every administered thing has. `data` holds its fields under LiteLLM's names. */
export interface ResourceRow {
  id: string
  data: string
  created_ms: number
  created_by: string | null
  updated_ms: number
  updated_by: string | null
  /** Counts changes: two people who edit one thing do not overwrite each other unseen. */
  version: number
}

/** A virtual key. `id` is the SHA-256 of the key in hex; the key itself is nowhere. */
export interface KeyRow extends ResourceRow {
  /** Unique. */
  alias: string | null
  user_id: string | null
  team_id: string | null
  organization_id: string | null
  budget_id: string | null
  expires_ms: number | null
}

export interface TeamRow extends ResourceRow {
  alias: string | null
  organization_id: string | null
}

/** `data`: what the member may spend and use in this team. */
export interface TeamMemberRow {
  team_id: string
  user_id: string
  role: string
  data: string
  created_ms: number
}

export interface UserRow extends ResourceRow {
  /** Unique, in lower case. */
  email: string | null
  role: string
  sso_user_id: string | null
}

export interface OrganizationRow extends ResourceRow {
  alias: string | null
  budget_id: string | null
}

export interface OrganizationMemberRow {
  organization_id: string
  user_id: string
  role: string
  data: string
  created_ms: number
}

/** The client's own user, by the id that requests name. */
export interface CustomerRow extends ResourceRow {
  budget_id: string | null
}

export interface BudgetRow extends ResourceRow {}

/** `id` is the tag. */
export interface TagRow extends ResourceRow {
  budget_id: string | null
}

/** A deployment that is kept here and not in the configuration file. Secrets in `data` are encrypted. */
export interface ModelRow extends ResourceRow {
  model_name: string
}

/** `id` is the credential's name; its values in `data` are encrypted. */
export interface CredentialRow extends ResourceRow {}

/** Who changed what, with the thing before and after, secrets taken out. Only ever added to. */
export interface AuditRow {
  id: string
  at_ms: number
  /** Hash of the key that asked, or `master`. */
  actor_key: string
  actor_user_id: string | null
  action: string
  object_kind: string
  object_id: string
  before: string | null
  after: string | null
  request_id: string
}

export interface SettingRow {
  name: string
  value: string
}

/** One request's money, once for ever: debited to everyone named here, credited to the deployment. */
export interface LedgerEntryRow {
  request_id: string
  /** When it was admitted: decides the budget windows it counts in. */
  at_ms: number
  settled_ms: number
  state: 'settled' | 'released' | 'estimated'
  cost_pico_usd: bigint
  /** Whether another process than the one that was asked made it, which knew only what was held. */
  presumed: number
  held_pico_usd: bigint
  /** The instance that answered. */
  owner: string
  key_hash: string
  user_id: string | null
  team_id: string | null
  organization_id: string | null
  end_user_id: string | null
  agent_id: string | null
  run_id: string | null
  deployment_id: string | null
  provider: string | null
  model: string | null
  model_group: string | null
  /** JSON: every scope and window it is debited to, as the opening record names them. */
  lines: string
}

export interface LedgerTagRow {
  tag: string
  at_ms: number
  request_id: string
}

/** What a request was: LiteLLM's spend log. Kept for a time; divided by day in PostgreSQL. */
export interface RequestLogRow {
  day: number
  request_id: string
  /** The answer's own `id`, where it has one: what LiteLLM calls `request_id`. */
  response_id: string | null
  call_type: string
  status: string
  status_code: number
  started_ms: number
  ended_ms: number
  first_byte_ms: number | null
  key_hash: string
  key_alias: string | null
  user_id: string | null
  team_id: string | null
  organization_id: string | null
  end_user_id: string | null
  agent_id: string | null
  run_id: string | null
  session_id: string | null
  model: string | null
  model_group: string | null
  deployment_id: string | null
  provider: string | null
  api_base: string | null
  input_tokens: number
  output_tokens: number
  cache_read_tokens: number
  cache_write_tokens: number
  cost_pico_usd: bigint
  /** `provider`, `estimated`, or null where nothing was used. */
  usage_source: string | null
  cache_hit: number
  requester_ip: string | null
  /** JSON list. */
  tags: string
  /** JSON list of attempts: deployment, code, ms, cost. */
  attempts: string
  /** JSON: the provider's usage, the error, the cost's parts, metadata of the request. */
  metadata: string
  /** Only with `store_prompts_in_spend_logs`. */
  messages: string | null
  response: string | null
}

/** Sums of one day, made when entries arrive, so that reports cost the same however many there are. */
export interface DailySpendRow {
  day: number
  scope_kind: string
  scope_id: string
  key_hash: string
  model: string
  model_group: string
  provider: string
  endpoint: string
  input_tokens: number
  output_tokens: number
  cache_read_tokens: number
  cache_write_tokens: number
  cost_pico_usd: bigint
  requests: number
  successful_requests: number
  failed_requests: number
  /** Refused by a rate limit, ours or a provider's. */
  rate_limited_requests: number
  /** Answered from the cache. */
  cached_requests: number
  cached_output_tokens: number
}

/** What a scope has spent in a window, by the ledger. */
export interface BalanceRow {
  scope_kind: string
  scope_id: string
  window_id: string
  settled_pico_usd: bigint
  /** The part of it that no entry stands for: what an administrator let it begin with. */
  started_pico_usd: Generated<bigint>
  requests: number
  tokens: number
  updated_ms: number
}

/** What counters in PostgreSQL decide by: money (`budget`), requests and tokens (`rate`), open calls (`parallel`). */
export interface CounterRow {
  kind: string
  name: string
  window_id: string
  settled: bigint
  reserved: bigint
  expires_ms: number | null
}

/** An open hold, or one whose end nobody has told yet. */
export interface ReservationRow {
  request_id: string
  owner: string
  lease_until_ms: number
  state: 'open' | 'estimated' | 'closed'
  hold_pico_usd: bigint
  cost_pico_usd: bigint
  /** JSON: the counters it is in. */
  lines: string
  /** JSON: the opening record of the ledger, for whoever has to settle it instead of its owner. */
  opening: string
}
