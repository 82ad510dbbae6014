-- Matters other than the state of a check that a channel was notified of, until it is notified of their end.
create table reprise.open_notices (
  stream text not null,
  subject text not null,
  channel text not null,
  since timestamptz not null,
  primary key (stream, subject, channel)
);

-- The configured channels.
create table reprise.channels (
  name text primary key
);
