-- LiteLLM's tables as a release of late 2026 makes them, as far as an import looks at them, with a few rows.
create table "LiteLLM_BudgetTable" (
  budget_id text primary key,
  max_budget double precision,
  soft_budget double precision,
  max_parallel_requests integer,
  tpm_limit bigint,
  rpm_limit bigint,
  model_max_budget jsonb,
  budget_duration text,
  budget_reset_at timestamp(3),
  allowed_models text[] default '{}',
  created_at timestamp(3) not null default current_timestamp,
  created_by text not null,
  updated_at timestamp(3) not null default current_timestamp,
  updated_by text not null
);
insert into "LiteLLM_BudgetTable" (budget_id, max_budget, budget_duration, rpm_limit, allowed_models, created_at, created_by, updated_by) values
  ('free', 1, 'monthly', null, '{}', '2026-01-01', 'u-admin', 'u-admin'),
  ('in-red', 2.5, '7d', 10, '{gpt}', '2026-01-01', 'u-admin', 'u-admin');

create table "LiteLLM_OrganizationTable" (
  organization_id text primary key,
  organization_alias text not null,
  budget_id text not null,
  metadata jsonb not null default '{}',
  models text[],
  spend double precision not null default 0,
  model_spend jsonb not null default '{}',
  object_permission_id text,
  created_at timestamp(3) not null default current_timestamp,
  created_by text not null,
  updated_at timestamp(3) not null default current_timestamp,
  updated_by text not null
);
insert into "LiteLLM_OrganizationTable" (organization_id, organization_alias, budget_id, spend, created_at, created_by, updated_by)
  values ('acme', 'Acme', 'free', 0.3, '2026-01-02', 'u-admin', 'u-admin');

create table "LiteLLM_OrganizationMembership" (
  user_id text not null,
  organization_id text not null,
  user_role text,
  spend double precision default 0,
  budget_id text,
  created_at timestamp(3) default current_timestamp,
  updated_at timestamp(3) default current_timestamp,
  primary key (user_id, organization_id)
);
insert into "LiteLLM_OrganizationMembership" (user_id, organization_id, user_role) values ('u-ann', 'acme', 'org_admin');

create table "LiteLLM_ModelTable" (id serial primary key, aliases jsonb, created_by text, updated_by text);
insert into "LiteLLM_ModelTable" (id, aliases) values (1, '{"fast": "gpt"}');

create table "LiteLLM_ObjectPermissionTable" (object_permission_id text primary key, mcp_servers text[] default '{}');
insert into "LiteLLM_ObjectPermissionTable" values ('perm', '{tools}');

create table "LiteLLM_TeamTable" (
  team_id text primary key,
  team_alias text,
  organization_id text,
  object_permission_id text,
  admins text[],
  members text[],
  members_with_roles jsonb not null default '{}',
  metadata jsonb not null default '{}',
  max_budget double precision,
  soft_budget double precision,
  spend double precision not null default 0,
  models text[],
  max_parallel_requests integer,
  tpm_limit bigint,
  rpm_limit bigint,
  budget_duration text,
  budget_reset_at timestamp(3),
  blocked boolean not null default false,
  created_at timestamp(3) not null default current_timestamp,
  updated_at timestamp(3) not null default current_timestamp,
  model_spend jsonb not null default '{}',
  model_max_budget jsonb not null default '{}',
  team_member_permissions text[] default '{}',
  model_id integer,
  allow_team_guardrail_config boolean not null default false
);
insert into "LiteLLM_TeamTable" (team_id, team_alias, organization_id, members_with_roles, metadata, max_budget, budget_duration, spend, models, model_id, created_at) values
  ('red', 'Red', 'acme', '[{"role": "admin", "user_id": "u-ann", "user_email": "ann@acme.example"}, {"role": "user", "user_id": "u-bob"}]',
   '{"tags": ["red"]}', 100, '30d', 0.1, '{gpt}', 1, '2026-01-03');

create table "LiteLLM_TeamMembership" (
  user_id text not null,
  team_id text not null,
  spend double precision not null default 0,
  total_spend double precision not null default 0,
  budget_id text,
  primary key (user_id, team_id)
);
insert into "LiteLLM_TeamMembership" (user_id, team_id, spend, budget_id) values ('u-bob', 'red', 0.07, 'in-red');

create table "LiteLLM_UserTable" (
  user_id text primary key,
  user_alias text,
  team_id text,
  sso_user_id text,
  organization_id text,
  object_permission_id text,
  password text,
  teams text[] default '{}',
  user_role text,
  max_budget double precision,
  spend double precision not null default 0,
  user_email text,
  models text[],
  metadata jsonb not null default '{}',
  max_parallel_requests integer,
  tpm_limit bigint,
  rpm_limit bigint,
  budget_duration text,
  budget_reset_at timestamp(3),
  allowed_cache_controls text[] default '{}',
  model_spend jsonb not null default '{}',
  model_max_budget jsonb not null default '{}',
  created_at timestamp(3) default current_timestamp,
  updated_at timestamp(3) default current_timestamp
);
insert into "LiteLLM_UserTable" (user_id, user_email, user_role, teams, spend, max_budget, password, created_at) values
  ('u-ann', 'Ann@Acme.example', 'internal_user', '{red}', 0.2, 20, 'scrypt:secret', '2026-01-02'),
  ('u-bob', null, 'internal_user', '{red}', 0.07, null, null, '2026-01-02'),
  ('u-twin', 'ann@acme.example', 'internal_user_viewer', '{}', 0, null, null, '2026-01-02'),
  ('litellm-proxy-budget', null, null, '{}', 0.37, 1000, null, '2026-01-02');

create table "LiteLLM_VerificationToken" (
  token text primary key,
  key_name text,
  key_alias text,
  soft_budget_cooldown boolean not null default false,
  spend double precision not null default 0,
  expires timestamp(3),
  models text[],
  aliases jsonb not null default '{}',
  config jsonb not null default '{}',
  router_settings jsonb default '{}',
  user_id text,
  team_id text,
  agent_id text,
  project_id text,
  permissions jsonb not null default '{}',
  max_parallel_requests integer,
  metadata jsonb not null default '{}',
  blocked boolean,
  tpm_limit bigint,
  rpm_limit bigint,
  max_budget double precision,
  budget_duration text,
  budget_reset_at timestamp(3),
  allowed_cache_controls text[] default '{}',
  allowed_routes text[] default '{}',
  model_spend jsonb not null default '{}',
  model_max_budget jsonb not null default '{}',
  budget_id text,
  organization_id text,
  object_permission_id text,
  created_at timestamp(3) default current_timestamp,
  created_by text,
  updated_at timestamp(3) default current_timestamp,
  updated_by text,
  a_column_of_next_year text
);
-- The keys are sk-web, sk-bob, sk-copy and sk-litellm-session.
insert into "LiteLLM_VerificationToken" (token, key_name, key_alias, spend, team_id, user_id, models, metadata, max_budget, budget_duration, rpm_limit, object_permission_id, a_column_of_next_year, created_at) values
  (encode(sha256('sk-web'), 'hex'), 'sk-...-web', 'web', 0.1, 'red', 'u-ann', '{gpt}', '{"tags": ["prod"], "owner": "web"}', 10, '30d', 60, 'perm', 'new', '2026-02-01'),
  (encode(sha256('sk-bob'), 'hex'), 'sk-...-bob', null, 0.00000015, null, 'u-bob', '{}', '{}', null, null, null, null, null, '2026-02-02'),
  (encode(sha256('sk-copy'), 'hex'), 'sk-...copy', 'web', 0, null, null, '{}', '{}', null, null, null, null, null, '2026-02-03'),
  (encode(sha256('sk-litellm-session'), 'hex'), 'sk-...sion', null, 0, 'litellm-dashboard', 'u-ann', '{}', '{}', null, null, null, null, null, '2026-02-04'),
  (encode(sha256('sk-master'), 'hex'), 'sk-...ster', null, 0, null, 'default_user_id', '{}', '{}', null, null, null, null, null, '2026-02-05');

create table "LiteLLM_EndUserTable" (
  user_id text primary key,
  alias text,
  spend double precision not null default 0,
  allowed_model_region text,
  default_model text,
  budget_id text,
  blocked boolean not null default false
);
insert into "LiteLLM_EndUserTable" (user_id, alias, spend, budget_id, blocked) select 'customer-' || n, null, n / 1000.0, 'free', n = 1 from generate_series(1, 1200) as n;

create table "LiteLLM_TagTable" (
  tag_name text primary key,
  description text,
  models text[],
  model_info jsonb,
  spend double precision not null default 0,
  budget_id text,
  created_at timestamp(3) not null default current_timestamp,
  created_by text,
  updated_at timestamp(3) not null default current_timestamp
);
insert into "LiteLLM_TagTable" (tag_name, spend, budget_id, created_at) values ('prod', 0.04, 'free', '2026-01-05');

-- Rows that differ in the tool alone are one day here; nobody's requests count for the key and for everybody.
create table "LiteLLM_DailyUserSpend" (
  id text primary key default gen_random_uuid()::text,
  user_id text,
  date text not null,
  api_key text not null,
  model text,
  model_group text,
  custom_llm_provider text,
  mcp_namespaced_tool_name text,
  endpoint text,
  prompt_tokens bigint not null default 0,
  completion_tokens bigint not null default 0,
  cache_read_input_tokens bigint not null default 0,
  cache_creation_input_tokens bigint not null default 0,
  spend double precision not null default 0,
  api_requests bigint not null default 0,
  successful_requests bigint not null default 0,
  failed_requests bigint not null default 0
);
insert into "LiteLLM_DailyUserSpend" (user_id, date, api_key, model, model_group, custom_llm_provider, mcp_namespaced_tool_name, endpoint, prompt_tokens, completion_tokens, spend, api_requests, successful_requests, failed_requests) values
  ('u-ann', '2026-11-25', encode(sha256('sk-web'), 'hex'), 'gpt-x', 'gpt', 'openai', null, '/chat/completions', 100, 10, 0.1, 3, 2, 1),
  ('u-ann', '2026-11-25', encode(sha256('sk-web'), 'hex'), 'gpt-x', 'gpt', 'openai', 'tools/search', '/chat/completions', 20, 5, 0.2, 1, 1, 0),
  (null, '2026-11-26', encode(sha256('sk-web'), 'hex'), 'gpt-x', 'gpt', 'openai', null, '/chat/completions', 1, 1, 0.00000015, 1, 1, 0);

create table "LiteLLM_DailyTeamSpend" (
  id text primary key default gen_random_uuid()::text,
  team_id text,
  date text not null,
  api_key text not null,
  model text,
  custom_llm_provider text,
  prompt_tokens integer not null default 0,
  completion_tokens integer not null default 0,
  spend double precision not null default 0,
  api_requests integer not null default 0
);
insert into "LiteLLM_DailyTeamSpend" (team_id, date, api_key, model, custom_llm_provider, prompt_tokens, completion_tokens, spend, api_requests)
  values ('red', '2026-11-25', encode(sha256('sk-web'), 'hex'), 'gpt-x', 'openai', 120, 15, 0.3, 4);

-- Encrypted with the salt key sk-salt, the model of m-other with another one.
create table "LiteLLM_CredentialsTable" (
  credential_id text primary key,
  credential_name text unique not null,
  credential_values jsonb not null,
  credential_info jsonb,
  created_at timestamp(3) not null default current_timestamp,
  created_by text not null,
  updated_at timestamp(3) not null default current_timestamp,
  updated_by text not null
);
insert into "LiteLLM_CredentialsTable" (credential_id, credential_name, credential_values, credential_info, created_by, updated_by)
  values ('c', 'acme-openai', '{"api_key": "v3:gcm:AAECAwQFBgcICQoLoQQDo9GrgOBEH6H2hCJ5gKhTQutBvUmJXpo4HOs="}', '{"custom_llm_provider": "openai"}', 'u-admin', 'u-admin');

create table "LiteLLM_ProxyModelTable" (
  model_id text primary key,
  model_name text not null,
  litellm_params jsonb not null,
  model_info jsonb,
  blocked boolean not null default false,
  created_at timestamp(3) not null default current_timestamp,
  created_by text not null,
  updated_at timestamp(3) not null default current_timestamp,
  updated_by text not null
);
insert into "LiteLLM_ProxyModelTable" (model_id, model_name, litellm_params, model_info, created_by, updated_by) values
  ('m-gpt', 'gpt', '{"model": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXtO2JeAKBj0l3kBtZhGfJ0yS3TLFR5zBMVhby8Q==", "api_key": "v3:gcm:AAECAwQFBgcICQoLoQQDo9GrgOBEH6H2hCJ5gKhTQutBvUmJXpo4HOs=", "rpm": 100}', '{"id": "m-gpt", "db_model": true}', 'u-admin', 'u-admin'),
  ('m-other', 'gpt-other', '{"model": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXkl0hK0i_4lnyYjQz78O1Lw_Dyt4PBlDGmnb8MA=="}', '{}', 'u-admin', 'u-admin'),
  ('m-plain', 'claude', '{"model": "anthropic/claude-x"}', '{}', 'u-admin', 'u-admin');

create table "LiteLLM_SpendLogs" (request_id text primary key, spend double precision);
insert into "LiteLLM_SpendLogs" select 'r-' || n, 0.001 from generate_series(1, 30) as n;

create table "LiteLLM_ProjectTable" (project_id text primary key);
insert into "LiteLLM_ProjectTable" values ('p');

create table "LiteLLM_CronJob" (cronjob_id text primary key);
