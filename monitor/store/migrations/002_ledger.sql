-- What runs were about to create in environments, and have not removed yet. One row a run that has written, until all of
-- that has ended. It belongs to its holder for as long as that says so; then others may finish it.
create table reprise.ledgers (
  run text primary key,
  environment text not null,
  -- How the environment is reached, with placeholders for secrets.
  settings jsonb not null,
  holder uuid not null,
  held_until timestamptz not null
);

create table reprise.intents (
  id uuid primary key,
  run text not null references reprise.ledgers,
  position bigint generated always as identity,
  intent jsonb not null,
  -- What removes it, once it is known to be there.
  created text,
  -- Why nobody knows.
  reason text
);
create index on reprise.intents (run);
