-- Each time that the database's clock was set back, by which time it showed then. Slots say how many there had been when
-- they were put in: that is the order in which the same hours came.
create table reprise.set_backs (
  number integer generated always as identity primary key,
  set_to timestamptz not null
);

create function reprise.count_set_backs() returns integer stable language sql
  as 'select count(*)::integer from reprise.set_backs';

alter table reprise.slots add column set_backs integer not null default reprise.count_set_backs();
