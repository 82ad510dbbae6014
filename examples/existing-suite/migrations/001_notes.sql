create table users (
  name text primary key,
  password text not null
);

create table sessions (
  token uuid primary key default gen_random_uuid(),
  user_name text not null references users
);

create table notes (
  id integer generated always as identity primary key,
  user_name text not null references users,
  title text not null,
  created_at timestamptz not null default now()
);

-- A real service stores a hash.
insert into users values ('ada', 'analytical-engine');
