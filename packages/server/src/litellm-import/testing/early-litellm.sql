-- What an early release of 2024 made: fewer tables, fewer columns, keys themselves in place of hashes.
create table "LiteLLM_TeamTable" (
  team_id text primary key,
  team_alias text,
  admins text[],
  members text[],
  members_with_roles jsonb not null default '{}',
  metadata jsonb not null default '{}',
  max_budget double precision,
  spend double precision not null default 0,
  models text[],
  blocked boolean not null default false
);
insert into "LiteLLM_TeamTable" (team_id, admins, members, spend) values ('blue', '{u-ann}', '{u-ann,u-bob}', 1.5);

create table "LiteLLM_VerificationToken" (
  token text primary key,
  key_name text,
  spend double precision not null default 0,
  expires timestamp(3),
  models text[],
  user_id text,
  team_id text,
  metadata jsonb not null default '{}',
  max_budget double precision
);
insert into "LiteLLM_VerificationToken" (token, spend, team_id, max_budget) values ('sk-early', 0.5, 'blue', 5);
