-- Errors: message, detail, hint and position, in plain form and with the SQLSTATE.
\set VERBOSITY sqlstate
select 1 / 0;
selec 1;
select missing;
select * from missing;
select missing();
insert into missing values (1);
\set VERBOSITY default
create table one (id int primary key, two int unique, at date not null, check (id < 10));
insert into one values (1, 1, '2026-01-01');
insert into one values (1, 2, '2026-01-01');
insert into one values (2, 1, '2026-01-01');
insert into one values (2, 2, null);
insert into one values (10, 2, '2026-01-01');
insert into one values (3, 3, 'someday');
insert into one values (3, 3);
select idd from one;
select "ID" from one o where one.id = 1;
select id frm one where;
select 'unterminated;
';
select 2147483648::int;
select cast('x' as int);
select substring('x' from 1 for -1);
create table one (id int);
create table if not exists one (id int);
drop table if exists missing;
drop table missing;
alter table one add constraint again unique (two), drop column nothing;
do $$ begin raise exception 'of our own' using errcode = 'UE001', detail = 'a detail', hint = 'a hint'; end $$;
create function deep(n int) returns int language plpgsql as $$
begin
  if n = 0 then return 1 / n; end if;
  return deep(n - 1);
end $$;
select deep(2);
select deep('x');
create view depends as select id from one;
drop table one;
alter table one drop column id;
select 1; select 1 / 0; select 2;
select 1\; select 1 / 0\; select 2;
insert into one values (4, 4, '2026-01-01')\; insert into one values (4, 4, '2026-01-01');
select count(*) from one;
select * from one where id = any ('{1,x}');
select json '{"a": }';
select '[1,2'::jsonb;
set statement_timeout = '20ms';
select pg_sleep(5);
reset statement_timeout;
lock table one;
drop view depends;
drop table one;
drop function deep;
