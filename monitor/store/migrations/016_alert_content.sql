-- The trace of the requests of the attempt that failed, or else of the first one; null if there was none.
alter table reprise.replays add column trace_id text;

-- Whether the service behind the channel has alerts that can be acknowledged.
alter table reprise.channels add column takes_acknowledgements boolean not null default false;
