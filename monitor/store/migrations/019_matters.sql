-- When its channels were last notified that the check is degraded.
alter table reprise.checks add column degraded_reported_at timestamptz;

-- What an instance has been unable to do for some time.
create table reprise.instance_troubles (
  instance uuid not null references reprise.instances on delete cascade,
  what text not null,
  since timestamptz not null,
  primary key (instance, what)
);

-- Until when some monitor has had a heartbeat: one row, from the first heartbeat on.
create table reprise.watch (
  id boolean primary key default true check (id),
  until timestamptz not null
);
