/** Texts of several statements, with transaction control in any place. */
import type { Scenarios } from './scenario.ts'

export const texts: Scenarios = {
  'several statements': ['select 1; select 2', 'insert into t values (5); select count(*) from t; delete from t'],
  'several statements, one of which fails': [
    'insert into t values (1); select 1/0; insert into t values (2)',
    'select count(*) from t',
  ],
  'transaction control within a text': [
    'begin; insert into t values (1); rollback; select count(*) from t',
    'begin; insert into t values (2)',
    'select count(*) from t',
    'rollback; select count(*) from t',
    'select 1; begin; select 2; commit; select 3',
  ],
  'an error after a begin within a text': ['begin; select 1/0; select 2', 'select 1', 'rollback'],
  'control words in strings, comments and dollar quotes': [
    "select 'a; commit; b'",
    'select 1 /* ; commit; /* ; */ */',
    'select $x$; rollback; $x$',
    'select 1 as "begin;"',
  ],
  'a commit within a text keeps what came before': [
    'insert into t values (1); commit; select 1/0',
    'select * from t',
    'insert into t values (2); rollback; insert into t values (3)',
    'select * from t order by id',
  ],
  'a begin within a text takes what came before with it': [
    'insert into t values (1); begin; insert into t values (2)',
    'rollback',
    'select * from t order by id',
    'insert into t values (3); begin; insert into t values (4)',
    'commit',
    'select * from t order by id',
  ],
  'an error behind a begin undoes what came before it': [
    'insert into t values (1); begin; select 1/0',
    'select 1',
    'rollback',
    'select * from t',
  ],
  'two transactions in one text': [
    'begin; insert into t values (1); commit; begin; insert into t values (2); rollback; select * from t',
    'begin; insert into t values (3); commit; begin; select 1/0; commit',
    'select * from t order by id',
    'rollback',
    'select * from t order by id',
  ],
  'a savepoint within a text outside a transaction': [
    'savepoint a; select 1',
    'select 1; savepoint a; select 2',
    'select 1; release a',
    'insert into t values (1); rollback to a; select 2',
    'select count(*) from t',
  ],
  'savepoints within a text': [
    'begin; savepoint a; insert into t values (1); rollback to a; insert into t values (2); commit',
    'select * from t',
    'begin; savepoint a; select 1/0; rollback to a; commit',
    'rollback to a',
    'commit',
    'select 1',
  ],
  'begin twice, commit twice within a text': [
    'begin; begin; select 1; commit; commit; rollback',
    'select 1; commit; select 2',
    'select 1; rollback',
  ],
  'chains within a text': [
    'begin; insert into t values (1); commit and chain; insert into t values (2)',
    'rollback and chain; select * from t',
    'commit; commit and chain; select 1',
    'select 1; commit and chain',
  ],
  'settings within a text': [
    "set work_mem = '5MB'; select 1/0",
    'show work_mem',
    "set work_mem = '6MB'; show work_mem; commit; set work_mem = '7MB'; select 1/0",
    'show work_mem',
    'reset work_mem; show work_mem',
  ],
  'SET LOCAL within a text': [
    "set local work_mem = '5MB'; show work_mem",
    'show work_mem',
    "begin; set local work_mem = '6MB'; commit; show work_mem",
  ],
  'an empty statement among others': ['select 1;; ;select 2;', ';begin;;commit;', ';;'],
  'an error in the last statement': ['insert into t values (1); insert into t values (1)', 'select count(*) from t'],
  'the place of an error in a long text': [
    'select 1;\nselect 2;\n  select nocolumn from t',
    'begin;\nselect 1;\n  select nocolumn from t;\nselect 2',
    'rollback;\n\n select * from nowhere',
  ],
  'DDL and its use in one text': [
    'create table u (id int); insert into u values (1); select * from u; drop table u',
    'create table u (id int); select 1/0',
    'select * from u',
  ],
  'a function whose body has semicolons': [
    `create function f(n int) returns int language plpgsql as $$ begin if n > 1 then return 1; end if; return 2; end $$; select f(1); select f(2)`,
    'create function g() returns int begin atomic select 1; select 2; end; select g()',
  ],
  'text beyond ASCII and the place of an error': [
    "select 'žluť 🦊' as t",
    "select 'ž🦊', selec",
    "select '🦊'; begin; select 'ž🦊', nocolumn",
    'rollback',
  ],
  'names beyond ASCII': [
    'create table "žluť 🦊" ("ů" int, "a""b" text)',
    `insert into "žluť 🦊" values (1, 'x') returning *`,
    'select "nic" from "žluť 🦊"',
    'select "ů"; begin; select "🦊" from "žluť 🦊"',
    'rollback',
    'select * from "žluť 🦊"; drop table "žluť 🦊"',
  ],
}
