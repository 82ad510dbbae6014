-- Transaction blocks, their ends, and what an error within one leaves.
create table account (name text primary key, balance int check (balance >= 0) not null);
insert into account values ('ann', 10), ('bob', 0);
begin;
update account set balance = balance - 5 where name = 'ann';
update account set balance = balance + 5 where name = 'bob' returning *;
commit;
begin;
update account set balance = -1 where name = 'ann';
select * from account;
commit;
select * from account order by name;
begin;
delete from account;
rollback;
select count(*) from account;
-- Warnings of commands at the wrong place.
commit;
rollback;
begin;
begin;
end;
-- Several statements in one message: one implicit transaction.
insert into account values ('cid', 1)\; insert into account values ('cid', 2);
insert into account values ('dee', 1)\; commit\; insert into account values ('dee', 2);
select name from account order by name;
-- The next transaction takes over the modes of this one.
begin isolation level repeatable read read only;
show transaction_isolation;
insert into account values ('eve', 1);
rollback and chain;
show transaction_isolation;
show transaction_read_only;
commit and chain;
show transaction_read_only;
rollback;
commit and chain;
set transaction read only;
begin;
set transaction read only;
select count(*) from account;
update account set balance = 1;
rollback;
begin;
select 1;
set transaction isolation level serializable;
rollback;
-- A constraint that is checked at the end.
create table part (id int primary key, whole int references part deferrable initially deferred);
begin;
insert into part values (2, 1);
insert into part values (1, null);
commit;
begin;
insert into part values (3, 4);
commit;
select * from part order by id;
drop table account, part;
