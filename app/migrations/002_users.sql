create table users (
  id uuid primary key default gen_random_uuid(),
  email varchar(255) not null,
  name varchar(100) not null,
  plan text not null default 'free' constraint users_plan_fkey references plans (id),
  -- clock_timestamp(), because now() is constant within a transaction.
  -- Milliseconds, which a JavaScript Date can put into a cursor and read back.
  created_at timestamptz(3) not null default clock_timestamp(),
  updated_at timestamptz(3) not null default clock_timestamp()
);

create unique index users_email_key on users (lower(email));
create index users_newest_first on users (created_at desc, id desc);
