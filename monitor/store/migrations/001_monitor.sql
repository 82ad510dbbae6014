-- The monitor's tables. Times are those of the database's clock; days and hours are UTC.

-- One row a check with its current state, so that reading all states reads no results. Rows that every replay updates
-- have a low fillfactor, for updates in place (HOT).
create table reprise.checks (
  name text primary key,
  environment text not null,
  rules jsonb not null,
  active boolean not null default true,
  verdict jsonb not null,
  judged_until timestamptz,
  state text not null default 'unknown' check (state in ('unknown', 'up', 'degraded', 'down')),
  since timestamptz,
  last_replay jsonb
) with (fillfactor = 50);

-- One row a check and location. `taken_by` is the due time of the replay under way: one at a time.
create table reprise.seats (
  check_name text not null references reprise.checks on delete cascade,
  location text not null,
  active boolean not null default true,
  last_due timestamptz not null,
  taken_by timestamptz,
  primary key (check_name, location)
) with (fillfactor = 50);

create table reprise.instances (
  id uuid primary key,
  location text not null,
  capacity integer not null check (capacity > 0),
  alive_since timestamptz not null default clock_timestamp(),
  heartbeat_at timestamptz not null default clock_timestamp()
);

create table reprise.slots (
  check_name text not null,
  due timestamptz not null,
  location text not null,
  kind text not null check (kind in ('cron', 'confirm', 'manual')),
  environment text not null,
  state text not null check (state in ('due', 'claimed', 'running', 'done', 'skipped', 'missed')),
  reason text,
  instance uuid,
  run uuid,
  outcome text check (outcome in ('passed', 'flaky', 'slow', 'failed', 'error', 'unknown')),
  judged boolean not null default false,
  primary key (check_name, due, location, kind)
) partition by range (due);
create index on reprise.slots (location, due) where state = 'due';
create index on reprise.slots (instance) where state in ('claimed', 'running');
create index on reprise.slots (check_name, due) where not judged;

create table reprise.runs (
  id uuid primary key,
  environment text not null,
  location text not null,
  instance uuid not null,
  started_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
);
create index on reprise.runs (started_at);

-- Inserted before the run starts; the outcome follows. A presumed outcome, such as the reaper's, is replaced by the actual one.
create table reprise.replays (
  check_name text not null,
  due timestamptz not null,
  location text not null,
  kind text not null,
  id uuid not null,
  run uuid not null,
  started_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  outcome text check (outcome in ('passed', 'flaky', 'slow', 'failed', 'error', 'unknown')),
  presumed boolean not null default false,
  duration_ms double precision,
  reason text,
  detail jsonb,
  primary key (check_name, due, location, kind)
) partition by range (due);
create index on reprise.replays (run);

create table reprise.rollups (
  check_name text not null,
  location text not null,
  period text not null check (period in ('hour', 'day')),
  start timestamptz not null,
  passed integer not null default 0,
  flaky integer not null default 0,
  slow integer not null default 0,
  failed integer not null default 0,
  error integer not null default 0,
  unknown integer not null default 0,
  maintenance integer not null default 0,
  -- Histogram: the subscript is the bucket, the element the number of replays.
  durations integer[] not null default '{}',
  primary key (check_name, period, start, location)
);

create table reprise.incidents (
  id integer generated always as identity primary key,
  environment text not null,
  opened_at timestamptz not null,
  closed_at timestamptz
);
create index on reprise.incidents (opened_at);

create table reprise.incident_checks (
  incident integer not null references reprise.incidents on delete cascade,
  check_name text not null,
  opened_at timestamptz not null,
  closed_at timestamptz,
  primary key (incident, check_name)
);
create unique index one_open_incident_a_check on reprise.incident_checks (check_name) where closed_at is null;

create table reprise.transitions (
  id bigint generated always as identity primary key,
  check_name text not null,
  at timestamptz not null,
  kind text not null check (kind in ('state', 'flapping', 'steady', 'opened', 'closed')),
  from_state text,
  to_state text,
  quiet boolean not null default false,
  incident integer
);
create index on reprise.transitions (check_name, at);

create table reprise.outbox (
  id bigint generated always as identity primary key,
  channel text not null,
  incident integer,
  position integer not null,
  message jsonb not null,
  idempotency_key uuid not null unique default gen_random_uuid(),
  attempts integer not null default 0,
  next_attempt timestamptz not null default clock_timestamp(),
  last_error text,
  created_at timestamptz not null default clock_timestamp(),
  delivered_at timestamptz,
  unique (incident, channel, position)
);
create index on reprise.outbox (next_attempt) where delivered_at is null;

-- Creates the partitions of a day. Attaching a table, unlike creating a partition, does not block reads and writes.
create function reprise.open_day(day date) returns void language plpgsql as $$
declare
  parent text;
  partition text;
begin
  if to_regclass(format('reprise.slots_%s', to_char(day, 'YYYYMMDD'))) is not null then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('reprise.days', 0));
  foreach parent in array array['replays', 'slots'] loop
    partition := parent || '_' || to_char(day, 'YYYYMMDD');
    if to_regclass(format('reprise.%I', partition)) is null then
      execute format('create table reprise.%I (like reprise.%I including all)', partition, parent);
      execute format(
        'alter table reprise.%I attach partition reprise.%I for values from (%L) to (%L)', parent, partition,
        day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
    end if;
  end loop;
end
$$;
