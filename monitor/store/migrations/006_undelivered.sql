-- Public summary of why the last attempt failed, unlike `last_error`.
alter table reprise.outbox add column last_failure text;

-- For the lists beside the states of the checks, so that they do not scan all messages and slots.
create index on reprise.outbox (channel) where delivered_at is null;
create index on reprise.outbox (delivered_at) where last_error is not null;
create index on reprise.slots (due) where state in ('missed', 'skipped');
create index on reprise.slots (due) where outcome = 'error';
