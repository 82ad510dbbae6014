-- A receiver has asked for a pause: no message is sent to its channel meanwhile.
create table reprise.channel_pauses (
  channel text primary key,
  -- In the future: written before the database's clock was set back; the pause does not count then.
  set_at timestamptz not null,
  until timestamptz not null,
  -- Public summary of its answer.
  reason text not null,
  check (until <= set_at + interval '1 hour')
);

-- The first failed attempt since the message was created, or retried by an operator.
alter table reprise.outbox add column failing_since timestamptz;
-- The first attempt since then that was refused for good.
alter table reprise.outbox add column refused_since timestamptz;
-- Until when the attempt under way may last.
alter table reprise.outbox add column taken_until timestamptz;
create index on reprise.outbox (delivered_at, id) where delivered_at is not null;

alter table reprise.actions drop constraint actions_kind_check;
alter table reprise.actions add constraint actions_kind_check check (kind in (
  'acknowledge', 'unacknowledge', 'note', 'mute', 'unmute', 'run', 'maintain', 'end maintenance', 'retry', 'drop'));
alter table reprise.actions drop constraint actions_subject_kind_check;
alter table reprise.actions add constraint actions_subject_kind_check check (
  subject_kind in ('incident', 'check', 'channel', 'window', 'message'));
