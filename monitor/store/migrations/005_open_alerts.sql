-- Alerts that a channel has received without their end: that a check is down, with its incident, or that its state is
-- unknown, with incident 0. Messages of the outbox that belong to no incident have 0 as well.
create table reprise.open_alerts (
  incident integer not null,
  check_name text not null,
  channel text not null,
  primary key (incident, check_name, channel)
);
-- Earlier messages list the checks of their incident with their states, and only the first message of an incident named the
-- checks that were down. For an open incident, a channel counts as notified of the checks that its messages listed as down,
-- without muted messages.
insert into reprise.open_alerts
select distinct incident, check_name, channel
  from reprise.incident_checks
  join reprise.outbox using (incident)
  cross join jsonb_array_elements(message -> 'checks') shown
 where closed_at is null and shown ->> 'name' = check_name and shown ->> 'state' = 'down'
   and (delivered_at is null or last_error is null);

-- The batch, a run or checks that are judged together, whose other results a message waits for to include them.
alter table reprise.outbox add column held_for uuid;
create index on reprise.outbox (held_for) where held_for is not null;
