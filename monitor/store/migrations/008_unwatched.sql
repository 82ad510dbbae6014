-- Slots without a replay are counted like replays, because slots are dropped after a while.
alter table reprise.rollups
  add column missed integer not null default 0,
  add column skipped integer not null default 0;

-- True: the slot was missed or skipped and is in the rollups, or is not to be counted.
alter table reprise.slots add column counted boolean not null default false;

-- Those that there are. Whether they were in maintenance is not known here.
insert into reprise.rollups (check_name, location, period, start, missed, skipped)
select check_name, location, period, date_trunc(period, due, 'UTC'),
       count(*) filter (where state = 'missed'), count(*) filter (where state = 'skipped')
  from reprise.slots cross join unnest(array['day', 'hour']) period
 where state in ('missed', 'skipped')
   and reason not in ('the check is not configured any more', 'the clock of the database was set back')
 group by check_name, location, period, date_trunc(period, due, 'UTC')
on conflict (check_name, period, start, location)
   do update set missed = excluded.missed, skipped = excluded.skipped;

update reprise.slots set counted = true where state in ('missed', 'skipped');

create index on reprise.slots (check_name) where state in ('missed', 'skipped') and not counted;
