-- One row for each time that the database's clock was set back, with the time that it showed then. A slot holds how many
-- there were when it was added: this orders slots of an hour that came twice.
create table reprise.set_backs (
  number integer generated always as identity primary key,
  set_to timestamptz not null
);

create function reprise.count_set_backs() returns integer stable language sql
  as 'select count(*)::integer from reprise.set_backs';

alter table reprise.slots add column set_backs integer not null default reprise.count_set_backs();
