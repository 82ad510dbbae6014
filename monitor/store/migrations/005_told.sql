-- What channels have been told and not yet the end of: that a check is down, by its incident, or that its state is unknown,
-- by 0. Messages of the outbox that belong to no incident have 0 as well.
create table reprise.told (
  incident integer not null,
  check_name text not null,
  channel text not null,
  primary key (incident, check_name, channel)
);
-- An incident that is open counts as told in whole.
insert into reprise.told
select distinct incident, check_name, channel
  from reprise.incident_checks join reprise.outbox using (incident)
 where closed_at is null;

-- Whose other results a message waits for, so that they become part of it: a run, or what is judged together.
alter table reprise.outbox add column held_for uuid;
create index on reprise.outbox (held_for) where held_for is not null;
