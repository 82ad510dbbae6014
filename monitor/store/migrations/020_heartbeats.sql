-- What heartbeats are waited for. Their states, reports and incidents are those of checks, slots and replays.
create table reprise.heartbeats (
  check_name text primary key references reprise.checks on delete cascade,
  -- Any text that identifies the schedule.
  schedule text not null,
  -- The due time that no report has come for yet; null: the schedule has no further one.
  expected timestamptz,
  -- The last report of any kind.
  reported_at timestamptz,
  -- Up to then reports may have been lost, since no monitor listened.
  blind_until timestamptz
) with (fillfactor = 50);

-- Runs that have begun and not ended.
create table reprise.heartbeat_runs (
  check_name text not null references reprise.heartbeats on delete cascade,
  -- Given by the job; empty: none.
  rid text not null,
  began_at timestamptz not null,
  -- By then it has to end; null: at any time.
  ends_by timestamptz,
  -- It was judged as too long.
  overdue boolean not null default false,
  primary key (check_name, rid)
);

-- Up to when any monitor has listened to reports; one row.
create table reprise.heartbeat_watch (
  id boolean primary key default true check (id),
  listened_until timestamptz not null
);
