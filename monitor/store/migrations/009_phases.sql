-- Of the requests of a replay that were answered, in its last attempts: how many, and the sums of their milliseconds for
-- DNS, connecting, TLS, the first byte and the download; null: no request was sent, or a replay of before. See replay-phases.ts.
alter table reprise.replays add column phases real[];
-- How long the slowest request took, in the last attempts.
alter table reprise.replays add column slowest_ms real;
-- For the flaky specs of a check, and for its first failure.
create index on reprise.replays (check_name, due) where outcome in ('flaky', 'failed');
