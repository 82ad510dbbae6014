-- What runs were about to create in environments and have not removed yet. One row for each run with open intents. It
-- belongs to its holder until `held_until`, which the holder renews; then any process may take it.
create table reprise.ledgers (
  run text primary key,
  environment text not null,
  -- The environment's settings, with placeholders for secrets.
  settings jsonb not null,
  holder uuid not null,
  held_until timestamptz not null
);

create table reprise.intents (
  id uuid primary key,
  run text not null references reprise.ledgers,
  position bigint generated always as identity,
  intent jsonb not null,
  -- The requests that remove what was created, as JSON; null while it is not known to exist.
  created text,
  -- Why it could not be removed.
  reason text
);
create index on reprise.intents (run);
