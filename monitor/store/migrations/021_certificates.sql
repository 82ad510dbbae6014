-- The certificates of the https origins of environments, as last seen.
create table reprise.certificates (
  environment text not null,
  origin text not null,
  -- Null: it has not been seen yet.
  seen_at timestamptz,
  -- Of the first of its chain that expires.
  expires_at timestamptz,
  -- Of the server's own.
  own_expires_at timestamptz,
  subject text,
  issuer text,
  -- Why clients do not trust it.
  problem text,
  -- When the origin was last looked at, with or without an answer.
  looked_at timestamptz,
  -- What channels were notified of, and when; null: of nothing, or of its end.
  alerted_level integer,
  alerted_at timestamptz,
  primary key (environment, origin)
);
