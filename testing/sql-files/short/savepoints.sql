-- Savepoints: their names, and what stays of rows, tables, cursors and settings.
create table note (id int primary key, text text);
begin;
insert into note values (1, 'first');
savepoint one;
insert into note values (1, 'again');
select 1;
rollback to one;
insert into note values (2, 'second');
savepoint two;
insert into note values (3, 'third');
rollback to savepoint one;
release two;
rollback;
begin;
savepoint one;
insert into note values (1, 'outer');
savepoint one;
insert into note values (2, 'inner');
rollback to one;
release one;
rollback to one;
select * from note;
savepoint two;
create table made (id int);
set local work_mem = '2MB';
set statement_timeout = '3min';
declare c cursor for select generate_series(1, 5);
fetch 2 from c;
savepoint three;
fetch 2 from c;
rollback to three;
fetch 1 from c;
rollback to two;
show work_mem;
show statement_timeout;
fetch 1 from c;
rollback to two;
select to_regclass('made');
insert into note values (9, 'kept');
release savepoint two;
commit;
select * from note order by id;
savepoint outside;
release savepoint outside;
rollback to savepoint outside;
do $$
begin
  insert into note values (10, 'ten');
  begin
    insert into note values (10, 'twice');
  exception when unique_violation then
    raise notice 'caught %', sqlerrm;
  end;
end $$;
select * from note order by id;
drop table note;
