-- How many of the intent's things are removed already; `created` then holds the others.
alter table reprise.intents add removed integer not null default 0;

-- What replays have created and removed, by the month of the request (UTC). Counted once, when its intent ends. Kept
-- forever.
create table reprise.creations (
  month date not null,
  environment text not null,
  removed bigint not null default 0,
  -- Removed according to the response to the removal, but not confirmed by a GET.
  unverified bigint not null default 0,
  -- Requests that were answered like creations and that no cleanup rule is for.
  unruled bigint not null default 0,
  primary key (month, environment)
);

-- The routes of the requests that were answered like creations and that no cleanup rule is for.
create table reprise.unruled_routes (
  environment text not null,
  check_name text not null,
  -- Such as `POST /carts/{cart}/items`.
  route text not null,
  -- The last answer, and the rule to write.
  reason text not null,
  times bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (environment, check_name, route)
);
