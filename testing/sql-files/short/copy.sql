-- COPY in both directions, with its formats and its errors.
create table item (id int primary key, name text, price numeric default 1.5);
copy item from stdin;
1	tea	2.50
2	coffee	\N
\.
copy item (id, name) from stdin with (format csv, header);
id,name
3,"cocoa, hot"
4,
\.
copy item to stdout;
copy (select name from item order by id) to stdout with (format csv, null '-', force_quote *);
copy item from stdin;
5	mate	3
1	again	3
\.
copy item from stdin;
6	rooibos	much
\.
copy item from stdin;
7	short
\.
copy item (id, missing) from stdin;
select count(*) from item;
begin;
copy item from stdin;
8	chai	1
\.
savepoint one;
copy item from stdin;
8	twice	1
\.
copy item to stdout;
rollback to one;
copy (select * from item where id = 8) to stdout;
rollback;
select id from item order by id;
copy item to stdout where id = 1;
copy item from stdin where id > 8;
8	filtered	0
9	kept	0
\.
copy (insert into item values (10, 'water', 0) returning id) to stdout;
\copy (select id from item where id > 8 order by id) to stdout
copy item from '/nonexistent/file';
create view seen as select * from item;
copy seen to stdout;
copy seen from stdin;
drop view seen;
drop table item;
