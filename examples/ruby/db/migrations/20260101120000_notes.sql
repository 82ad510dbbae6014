-- migrate:up
create table notes (
  id integer generated always as identity primary key,
  title text not null unique
);

-- migrate:down
drop table notes;
