import { sql } from 'kysely'
import type { Migration } from './migration.ts'

/**
 * What counters in PostgreSQL do in one round trip each. A line is a counter that a request has to find room in, given
 * as kind, name, window, limit and amount; rows are always locked in the order of their key, so nobody waits in a
 * circle. SQLite has one process, which counts in memory.
 */
export const counters: Migration = {
  version: 2,
  name: 'counters',
  up: async (trx, { dialect }) => {
    if (dialect === 'sqlite') return
    for (const statement of [makeMissing, admit, extend, settle]) await sql.raw(statement).execute(trx)
  },
}

/** Budgets begin with what the ledger has. Comes before any row is locked. */
const makeMissing = `
create function counters_make(p_kinds text[], p_names text[], p_windows text[]) returns void
language plpgsql as $$
begin
  if cardinality(p_kinds) = (
    select count(*) from counters
    join unnest(p_kinds, p_names, p_windows) as l (kind, name, window_id) using (kind, name, window_id)
  ) then
    return;
  end if;
  insert into counters (kind, name, window_id, settled, reserved)
  select l.kind, l.name, l.window_id, coalesce(b.settled_pico_usd, 0), 0
  from unnest(p_kinds, p_names, p_windows) as l (kind, name, window_id)
  left join balances b on l.kind = 'budget'
    and b.scope_kind = split_part(l.name, ':', 1)
    and b.scope_id = substr(l.name, strpos(l.name, ':') + 1)
    and b.window_id = l.window_id
  order by l.kind collate "C", l.name collate "C", l.window_id collate "C"
  on conflict do nothing;
end $$`

const admit = `
create function counters_admit(
  p_request text, p_owner text, p_now bigint, p_lease_ms bigint, p_rule text,
  p_wanted numeric, p_floor numeric, p_least numeric,
  p_kinds text[], p_names text[], p_windows text[], p_maxes numeric[], p_amounts bigint[],
  p_rate_ms bigint, p_idle_ms bigint, p_opening text,
  out refused integer, out hold text, out settled_now text[], out reserved_now text[], out resets bigint[]
) language plpgsql as $$
declare
  v_count integer := cardinality(p_kinds);
  v_found integer := 0;
  v_settled numeric[];
  v_reserved numeric[];
  v_expires bigint[];
  v_has numeric;
  v_left numeric;
  v_hold numeric;
begin
  -- Who has no room is told so without waiting for a lock: refusing takes nothing.
  for v_pass in 1..2 loop
    loop
      perform counters_make(p_kinds, p_names, p_windows);
      if v_pass = 2 then
        perform 1 from counters c
        join unnest(p_kinds, p_names, p_windows) as l (kind, name, window_id) using (kind, name, window_id)
        order by c.kind, c.name, c.window_id for update of c;
      end if;
      select coalesce(array_agg(c.settled order by l.i), '{}'), coalesce(array_agg(c.reserved order by l.i), '{}'),
        coalesce(array_agg(c.expires_ms order by l.i), '{}'), count(*)
      into v_settled, v_reserved, v_expires, v_found
      from counters c join unnest(p_kinds, p_names, p_windows) with ordinality as l (kind, name, window_id, i)
        using (kind, name, window_id);
      exit when v_found = v_count;
    end loop;
    select r.hold_pico_usd into v_hold from reservations r where r.request_id = p_request;

    v_left := null;
    for i in 1..v_count loop
      if p_kinds[i] = 'rate' and (v_expires[i] is null or p_now >= v_expires[i]) then
        v_settled[i] := 0;
        v_expires[i] := p_now + p_rate_ms;
      end if;
      continue when v_hold is not null or refused is not null;
      if p_kinds[i] = 'budget' then
        continue when p_maxes[i] is null;
        v_has := p_maxes[i] - v_settled[i] - v_reserved[i];
        if (p_rule = 'postpaid' and v_has <= 0) or (p_rule <> 'postpaid' and v_has < p_least) then
          refused := i - 1;
        end if;
        v_left := least(v_left, v_has);
      elsif p_kinds[i] = 'rate' then
        if v_settled[i] + p_amounts[i] > p_maxes[i] then refused := i - 1; end if;
      elsif v_reserved[i] >= p_maxes[i] then
        refused := i - 1;
      end if;
    end loop;
    exit when refused is not null;
  end loop;

  if refused is null and v_hold is null then
    v_hold := case
      when v_left is null or p_rule = 'postpaid' then p_wanted
      else greatest(p_least, least(p_wanted, greatest(p_floor, div(v_left, 10)), v_left))
    end;
    for i in 1..v_count loop
      if p_kinds[i] = 'budget' then
        v_reserved[i] := v_reserved[i] + v_hold;
        v_expires[i] := p_now + p_idle_ms;
      elsif p_kinds[i] = 'rate' then
        v_settled[i] := v_settled[i] + p_amounts[i];
      else
        v_reserved[i] := v_reserved[i] + 1;
      end if;
    end loop;
    update counters c set settled = l.settled, reserved = l.reserved, expires_ms = l.expires_ms
    from unnest(p_kinds, p_names, p_windows, v_settled, v_reserved, v_expires)
      as l (kind, name, window_id, settled, reserved, expires_ms)
    where c.kind = l.kind and c.name = l.name and c.window_id = l.window_id;
    insert into reservations
      (request_id, owner, lease_until_ms, state, hold_pico_usd, cost_pico_usd, lines, opening)
    values (p_request, p_owner, p_now + p_lease_ms, 'open', v_hold, 0, (
      select coalesce(json_agg(json_build_object(
        'kind', l.kind, 'name', l.name, 'window_id', l.window_id, 'amount', l.amount, 'expires_ms', l.expires_ms,
        'max', case when p_rule <> 'postpaid' then l.max end
      )), '[]')::text
      from unnest(p_kinds, p_names, p_windows, p_maxes, p_amounts, v_expires)
        as l (kind, name, window_id, max, amount, expires_ms)
    ), p_opening);
  end if;
  hold := v_hold::text;
  settled_now := v_settled::text[];
  reserved_now := v_reserved::text[];
  resets := v_expires;
end $$`

const extend = `
create function counters_extend(p_request text, p_more numeric) returns boolean
language plpgsql as $$
declare
  v_hold reservations%rowtype;
  v_line record;
begin
  select * into v_hold from reservations r where r.request_id = p_request and r.state = 'open' for update;
  if not found then return false; end if;
  for v_line in
    select c.settled, c.reserved, l.max from counters c
    join json_to_recordset(v_hold.lines::json) as l (kind text, name text, window_id text, max numeric)
      using (kind, name, window_id)
    where c.kind = 'budget'
    order by c.kind, c.name, c.window_id for update of c
  loop
    if v_line.settled + v_line.reserved + p_more > v_line.max then return false; end if;
  end loop;
  update counters c set reserved = c.reserved + p_more
  from json_to_recordset(v_hold.lines::json) as l (kind text, name text, window_id text)
  where c.kind = 'budget' and c.kind = l.kind and c.name = l.name and c.window_id = l.window_id;
  update reservations r set hold_pico_usd = r.hold_pico_usd + p_more where r.request_id = p_request;
  return true;
end $$`

/** The end of a request that nobody knows is remembered: its beginning may be on its way still, too late. */
const settle = `
create function counters_settle(
  p_request text, p_now bigint, p_cost numeric, p_state text, p_tokens bigint
) returns void language plpgsql as $$
declare
  v_hold reservations%rowtype;
begin
  loop
    select * into v_hold from reservations r where r.request_id = p_request for update;
    exit when found;
    insert into reservations
      (request_id, owner, lease_until_ms, state, hold_pico_usd, cost_pico_usd, lines, opening)
    values (p_request, '', p_now, 'closed', 0, 0, '[]', '') on conflict do nothing;
    if found then return; end if;
  end loop;
  if v_hold.state = 'closed' or (v_hold.state = 'estimated' and p_state = 'estimated') then return; end if;
  perform 1 from counters c
  join json_to_recordset(v_hold.lines::json) as l (kind text, name text, window_id text)
    using (kind, name, window_id)
  order by c.kind, c.name, c.window_id for update of c;
  update counters c set
    settled = case
      when l.kind = 'budget' then c.settled + p_cost - v_hold.cost_pico_usd
      when l.kind = 'rate' and l.name like 'tokens/%' and v_hold.state = 'open' and c.expires_ms = l.expires_ms
        then greatest(0, c.settled + coalesce(p_tokens - l.amount, 0))
      else c.settled
    end,
    reserved = case
      when v_hold.state <> 'open' or l.kind = 'rate' then c.reserved
      when l.kind = 'budget' then c.reserved - v_hold.hold_pico_usd
      else c.reserved - 1
    end
  from json_to_recordset(v_hold.lines::json)
    as l (kind text, name text, window_id text, amount bigint, expires_ms bigint)
  where c.kind = l.kind and c.name = l.name and c.window_id = l.window_id;
  update reservations r set
    state = case when p_state = 'estimated' then 'estimated' else 'closed' end,
    cost_pico_usd = p_cost, lease_until_ms = p_now, opening = ''
  where r.request_id = p_request;
end $$`
