-- Why the last attempt failed in words that everybody may read, unlike `last_error`.
alter table reprise.outbox add column last_failure text;

-- What is listed beside the states of the checks, without reading all messages and slots.
create index on reprise.outbox (channel) where delivered_at is null;
create index on reprise.outbox (delivered_at) where last_error is not null;
create index on reprise.slots (due) where state in ('missed', 'skipped');
create index on reprise.slots (due) where outcome = 'error';
