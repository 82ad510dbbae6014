-- The plans themselves are reference data: see ../reference-data.sql.
create table plans (
  id text primary key,
  name text not null
);
