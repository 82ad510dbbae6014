-- Messages of one stream reach a channel in order: those of an incident, or those of one kind in one environment.
alter table reprise.outbox add column stream text;
update reprise.outbox
   set stream = case when incident > 0 then 'incident ' || incident else concat_ws(' ', 'unknown', message ->> 'environment') end;
alter table reprise.outbox alter column stream set not null;
alter table reprise.outbox drop constraint outbox_incident_channel_position_key;
alter table reprise.outbox add unique (stream, channel, position);
create index on reprise.outbox (incident) where incident > 0;

-- A message with such a text is written once.
alter table reprise.outbox add column once text;
alter table reprise.outbox add unique (channel, once);
-- It is not sent earlier; unlike next_attempt it may be far ahead.
alter table reprise.outbox add column not_before timestamptz;
-- Recipients, or requests, that have accepted it in earlier attempts.
alter table reprise.outbox add column accepted jsonb not null default '[]';
-- What was wrong although it was accepted.
alter table reprise.outbox add column remark text;
-- When its delivery was given up; its stream goes on without it.
alter table reprise.outbox add column dead_at timestamptz;
