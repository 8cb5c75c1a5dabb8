import { sql } from 'kysely'
import type { Migration, Words } from './migration.ts'

export const tables: Migration = {
  version: 1,
  name: 'tables',
  up: async (trx, words) => {
    const statements = [...resources(words), ...members(words), ...spending(words), ...counting(words)]
    for (const statement of statements) await sql.raw(statement).execute(trx)
  },
}

function resources({ text, integer, strict }: Words): string[] {
  const resource = (name: string, columns: string): string => `create table ${name} (
    id ${text} primary key,
    data ${text} not null,
    created_ms ${integer} not null,
    created_by ${text},
    updated_ms ${integer} not null,
    updated_by ${text},
    version ${integer} not null${columns === '' ? '' : `,\n${columns}`}
  )${strict}`
  return [
    resource(
      'keys',
      `alias ${text} unique, user_id ${text}, team_id ${text}, organization_id ${text}, budget_id ${text},
      expires_ms ${integer}`,
    ),
    'create index keys_user on keys (user_id)',
    'create index keys_team on keys (team_id)',
    'create index keys_organization on keys (organization_id)',
    'create index keys_budget on keys (budget_id)',
    'create index keys_expires on keys (expires_ms)',
    resource('teams', `alias ${text}, organization_id ${text}`),
    'create index teams_alias on teams (alias)',
    'create index teams_organization on teams (organization_id)',
    resource('users', `email ${text} unique, role ${text} not null, sso_user_id ${text}`),
    'create index users_sso on users (sso_user_id)',
    resource('organizations', `alias ${text}, budget_id ${text}`),
    resource('customers', `budget_id ${text}`),
    resource('budgets', ''),
    resource('tags', `budget_id ${text}`),
    resource('models', `model_name ${text} not null`),
    'create index models_name on models (model_name)',
    resource('credentials', ''),
    ...['keys', 'teams', 'users', 'organizations', 'customers', 'budgets', 'tags', 'models'].map(
      (table) => `create index ${table}_created on ${table} (created_ms, id)`,
    ),
    `create table audit_log (
      id ${text} primary key,
      at_ms ${integer} not null,
      actor_key ${text} not null,
      actor_user_id ${text},
      action ${text} not null,
      object_kind ${text} not null,
      object_id ${text} not null,
      before ${text},
      after ${text},
      request_id ${text} not null
    )${strict}`,
    'create index audit_log_at on audit_log (at_ms, id)',
    'create index audit_log_object on audit_log (object_kind, object_id, at_ms)',
    `create table settings (name ${text} primary key, value ${text} not null)${strict}`,
  ]
}

function members({ text, integer, strict }: Words): string[] {
  const member = (name: string, group: string): string => `create table ${name} (
    ${group} ${text} not null,
    user_id ${text} not null,
    role ${text} not null,
    data ${text} not null,
    created_ms ${integer} not null,
    primary key (${group}, user_id)
  )${strict}`
  return [
    member('team_members', 'team_id'),
    'create index team_members_user on team_members (user_id)',
    member('organization_members', 'organization_id'),
    'create index organization_members_user on organization_members (user_id)',
  ]
}

function spending({ dialect, text, integer, money, strict }: Words): string[] {
  return [
    `create table ledger_entries (
      request_id ${text} primary key,
      at_ms ${integer} not null,
      settled_ms ${integer} not null,
      state ${text} not null,
      cost_pico_usd ${money} not null,
      held_pico_usd ${money} not null,
      owner ${text} not null,
      key_hash ${text} not null,
      user_id ${text},
      team_id ${text},
      organization_id ${text},
      end_user_id ${text},
      agent_id ${text},
      run_id ${text},
      deployment_id ${text},
      provider ${text},
      model ${text},
      model_group ${text},
      lines ${text} not null
    )${strict}`,
    'create index ledger_entries_at on ledger_entries (at_ms, request_id)',
    'create index ledger_entries_key on ledger_entries (key_hash, at_ms, request_id)',
    ...['user', 'team', 'organization', 'end_user', 'agent', 'run'].map(
      (party) =>
        `create index ledger_entries_${party} on ledger_entries (${party}_id, at_ms, request_id)
          where ${party}_id is not null`,
    ),
    `create table ledger_tags (
      tag ${text} not null,
      at_ms ${integer} not null,
      request_id ${text} not null,
      primary key (tag, at_ms, request_id)
    )${strict}`,
    `create table request_logs (
      day ${integer} not null,
      request_id ${text} not null,
      response_id ${text},
      call_type ${text} not null,
      status ${text} not null,
      status_code ${integer} not null,
      started_ms ${integer} not null,
      ended_ms ${integer} not null,
      first_byte_ms ${integer},
      key_hash ${text} not null,
      key_alias ${text},
      user_id ${text},
      team_id ${text},
      organization_id ${text},
      end_user_id ${text},
      agent_id ${text},
      run_id ${text},
      session_id ${text},
      model ${text},
      model_group ${text},
      deployment_id ${text},
      provider ${text},
      api_base ${text},
      input_tokens ${integer} not null,
      output_tokens ${integer} not null,
      cache_read_tokens ${integer} not null,
      cache_write_tokens ${integer} not null,
      cost_pico_usd ${money} not null,
      usage_source ${text},
      cache_hit ${integer} not null,
      requester_ip ${text},
      tags ${text} not null,
      attempts ${text} not null,
      metadata ${text} not null,
      messages ${text},
      response ${text},
      primary key (day, request_id)
    )${dialect === 'postgres' ? ' partition by range (day)' : strict}`,
    'create index request_logs_started on request_logs (started_ms, request_id)',
    'create index request_logs_key on request_logs (key_hash, started_ms, request_id)',
    'create index request_logs_request on request_logs (request_id)',
    'create index request_logs_response on request_logs (response_id) where response_id is not null',
    ...['user', 'team', 'end_user', 'session'].map(
      (party) =>
        `create index request_logs_${party} on request_logs (${party}_id, started_ms, request_id)
          where ${party}_id is not null`,
    ),
    `create table daily_spend (
      scope_kind ${text} not null,
      scope_id ${text} not null,
      day ${integer} not null,
      key_hash ${text} not null,
      model ${text} not null,
      model_group ${text} not null,
      provider ${text} not null,
      endpoint ${text} not null,
      input_tokens ${integer} not null,
      output_tokens ${integer} not null,
      cache_read_tokens ${integer} not null,
      cache_write_tokens ${integer} not null,
      cost_pico_usd ${money} not null,
      requests ${integer} not null,
      successful_requests ${integer} not null,
      failed_requests ${integer} not null,
      rate_limited_requests ${integer} not null,
      cached_requests ${integer} not null,
      cached_output_tokens ${integer} not null,
      primary key (scope_kind, day, scope_id, key_hash, model, model_group, provider, endpoint)
    )${dialect === 'postgres' ? busy : `${strict}, without rowid`}`,
    'create index daily_spend_scope on daily_spend (scope_kind, scope_id, day)',
    `create table balances (
      scope_kind ${text} not null,
      scope_id ${text} not null,
      window_id ${text} not null,
      settled_pico_usd ${money} not null,
      started_pico_usd ${money} not null default 0,
      requests ${integer} not null,
      tokens ${integer} not null,
      updated_ms ${integer} not null,
      primary key (scope_kind, scope_id, window_id)
    )${dialect === 'postgres' ? busy : strict}`,
  ]
}

/** In PostgreSQL, rows that change all the time leave room in their page, so that a change touches no index. */
const busy = ' with (fillfactor = 70)'

function counting({ dialect, text, integer, money, strict }: Words): string[] {
  const options = dialect === 'postgres' ? busy : strict
  return [
    `create table counters (
      kind ${text} not null,
      name ${text} not null,
      window_id ${text} not null,
      settled ${money} not null,
      reserved ${money} not null,
      expires_ms ${integer},
      primary key (kind, name, window_id)
    )${options}`,
    'create index counters_expires on counters (expires_ms) where expires_ms is not null',
    `create table reservations (
      request_id ${text} primary key,
      owner ${text} not null,
      lease_until_ms ${integer} not null,
      state ${text} not null,
      hold_pico_usd ${money} not null,
      cost_pico_usd ${money} not null,
      lines ${text} not null,
      opening ${text} not null
    )${options}`,
    'create index reservations_lease on reservations (state, lease_until_ms)',
    'create index reservations_owner on reservations (owner, state)',
  ]
}
