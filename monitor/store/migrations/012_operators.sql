-- What operators have done; only appended to, also by hand.
create table reprise.actions (
  id integer generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  operator text not null,
  kind text not null check (kind in ('acknowledge', 'unacknowledge', 'note', 'mute', 'unmute', 'run', 'maintain', 'end maintenance')),
  subject_kind text not null check (subject_kind in ('incident', 'check', 'channel', 'window')),
  subject text not null,
  detail jsonb not null default '{}'
);
create index on reprise.actions (subject_kind, subject, id);

create function reprise.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'The log of the operators is only appended to.';
end
$$;
create trigger only_appended before update or delete or truncate on reprise.actions
  for each statement execute function reprise.refuse_change();

-- What is in force.
create table reprise.acknowledgements (
  incident integer primary key references reprise.incidents on delete cascade,
  operator text not null,
  at timestamptz not null
);

create table reprise.mutes (
  subject_kind text not null check (subject_kind in ('check', 'channel')),
  subject text not null,
  until timestamptz not null,
  operator text not null,
  at timestamptz not null,
  primary key (subject_kind, subject)
);

-- From begins_at to before ends_at.
create table reprise.maintenance_windows (
  id integer generated always as identity primary key,
  begins_at timestamptz not null,
  ends_at timestamptz not null check (ends_at >= begins_at),
  -- Null: all checks.
  checks text[],
  reason text,
  operator text not null
);
create index on reprise.maintenance_windows (ends_at);
