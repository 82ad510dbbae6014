create table reprise.acknowledgements (
  incident integer not null,
  operator text not null,
  at timestamp with time zone not null,
  constraint acknowledgements_incident_fkey FOREIGN KEY (incident) REFERENCES reprise.incidents(id) ON DELETE CASCADE,
  constraint acknowledgements_pkey PRIMARY KEY (incident)
);

create table reprise.actions (
  id integer not null generated always as identity,
  at timestamp with time zone not null default clock_timestamp(),
  operator text not null,
  kind text not null,
  subject_kind text not null,
  subject text not null,
  detail jsonb not null default '{}'::jsonb,
  constraint actions_kind_check CHECK ((kind = ANY (ARRAY['acknowledge'::text, 'unacknowledge'::text, 'note'::text, 'mute'::text, 'unmute'::text, 'run'::text, 'maintain'::text, 'end maintenance'::text, 'retry'::text, 'drop'::text]))),
  constraint actions_pkey PRIMARY KEY (id),
  constraint actions_subject_kind_check CHECK ((subject_kind = ANY (ARRAY['incident'::text, 'check'::text, 'channel'::text, 'window'::text, 'message'::text])))
);

create table reprise.alert_rules (
  id integer not null default 1,
  rules jsonb not null,
  constraint alert_rules_id_check CHECK ((id = 1)),
  constraint alert_rules_pkey PRIMARY KEY (id)
);

create table reprise.certificates (
  environment text not null,
  origin text not null,
  seen_at timestamp with time zone,
  expires_at timestamp with time zone,
  own_expires_at timestamp with time zone,
  subject text,
  issuer text,
  problem text,
  looked_at timestamp with time zone,
  alerted_level integer,
  alerted_at timestamp with time zone,
  seen_by jsonb,
  noted_at timestamp with time zone,
  configured_at timestamp with time zone,
  constraint certificates_pkey PRIMARY KEY (environment, origin)
);

create table reprise.channel_pauses (
  channel text not null,
  set_at timestamp with time zone not null,
  until timestamp with time zone not null,
  reason text not null,
  constraint channel_pauses_check CHECK ((until <= (set_at + '01:00:00'::interval))),
  constraint channel_pauses_pkey PRIMARY KEY (channel)
);

create table reprise.channels (
  name text not null,
  takes_acknowledgements boolean not null default false,
  constraint channels_pkey PRIMARY KEY (name)
);

create table reprise.checks (
  name text not null,
  environment text not null,
  rules jsonb not null,
  active boolean not null default true,
  verdict jsonb not null,
  judged_until timestamp with time zone,
  state text not null default 'unknown'::text,
  since timestamp with time zone,
  last_replay jsonb,
  degraded_reported_at timestamp with time zone,
  constraint checks_pkey PRIMARY KEY (name),
  constraint checks_state_check CHECK ((state = ANY (ARRAY['unknown'::text, 'up'::text, 'degraded'::text, 'down'::text])))
) with (fillfactor=50);

create table reprise.creations (
  month date not null,
  environment text not null,
  removed bigint not null default 0,
  unverified bigint not null default 0,
  unruled bigint not null default 0,
  constraint creations_pkey PRIMARY KEY (month, environment)
);

create table reprise.evidence (
  run text not null,
  store text not null,
  place text not null,
  bucket text,
  bytes bigint not null,
  outcomes jsonb,
  created_at timestamp with time zone not null,
  removed_at timestamp with time zone,
  constraint evidence_pkey PRIMARY KEY (run),
  constraint evidence_store_check CHECK ((store = ANY (ARRAY['postgres'::text, 's3'::text])))
);

create table reprise.heartbeat_runs (
  check_name text not null,
  rid text not null,
  began_at timestamp with time zone not null,
  ends_by timestamp with time zone,
  overdue boolean not null default false,
  constraint heartbeat_runs_check_name_fkey FOREIGN KEY (check_name) REFERENCES reprise.heartbeats(check_name) ON DELETE CASCADE,
  constraint heartbeat_runs_pkey PRIMARY KEY (check_name, rid)
);

create table reprise.heartbeat_watch (
  id boolean not null default true,
  listened_until timestamp with time zone not null,
  constraint heartbeat_watch_id_check CHECK (id),
  constraint heartbeat_watch_pkey PRIMARY KEY (id)
);

create table reprise.heartbeats (
  check_name text not null,
  schedule text not null,
  expected timestamp with time zone,
  reported_at timestamp with time zone,
  blind_until timestamp with time zone,
  constraint heartbeats_check_name_fkey FOREIGN KEY (check_name) REFERENCES reprise.checks(name) ON DELETE CASCADE,
  constraint heartbeats_pkey PRIMARY KEY (check_name)
) with (fillfactor=50);

create table reprise.incident_checks (
  incident integer not null,
  check_name text not null,
  opened_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  failing_since timestamp with time zone,
  failing_version text,
  passed_at timestamp with time zone,
  passed_version text,
  constraint incident_checks_incident_fkey FOREIGN KEY (incident) REFERENCES reprise.incidents(id) ON DELETE CASCADE,
  constraint incident_checks_pkey PRIMARY KEY (incident, check_name)
);

create table reprise.incidents (
  id integer not null generated always as identity,
  environment text not null,
  opened_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  constraint incidents_pkey PRIMARY KEY (id)
);

create table reprise.instance_troubles (
  instance uuid not null,
  what text not null,
  since timestamp with time zone not null,
  constraint instance_troubles_instance_fkey FOREIGN KEY (instance) REFERENCES reprise.instances(id) ON DELETE CASCADE,
  constraint instance_troubles_pkey PRIMARY KEY (instance, what)
);

create table reprise.instances (
  id uuid not null,
  location text not null,
  capacity integer not null,
  alive_since timestamp with time zone not null default clock_timestamp(),
  heartbeat_at timestamp with time zone not null default clock_timestamp(),
  muted boolean not null default false,
  constraint instances_capacity_check CHECK ((capacity > 0)),
  constraint instances_pkey PRIMARY KEY (id)
);

create table reprise.intents (
  id uuid not null,
  run text not null,
  "position" bigint not null generated always as identity,
  intent jsonb not null,
  created text,
  reason text,
  removed integer not null default 0,
  constraint intents_pkey PRIMARY KEY (id),
  constraint intents_run_fkey FOREIGN KEY (run) REFERENCES reprise.ledgers(run)
);

create table reprise.ledgers (
  run text not null,
  environment text not null,
  settings jsonb not null,
  holder uuid not null,
  held_until timestamp with time zone not null,
  constraint ledgers_pkey PRIMARY KEY (run)
);

create table reprise.maintenance_windows (
  id integer not null generated always as identity,
  begins_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  checks text[],
  reason text,
  operator text not null,
  constraint maintenance_windows_check CHECK ((ends_at >= begins_at)),
  constraint maintenance_windows_pkey PRIMARY KEY (id)
);

create table reprise.migrations (
  number integer not null,
  name text not null,
  applied_at timestamp with time zone not null default now(),
  constraint migrations_pkey PRIMARY KEY (number)
);

create table reprise.mutes (
  subject_kind text not null,
  subject text not null,
  until timestamp with time zone not null,
  operator text not null,
  at timestamp with time zone not null,
  constraint mutes_pkey PRIMARY KEY (subject_kind, subject),
  constraint mutes_subject_kind_check CHECK ((subject_kind = ANY (ARRAY['check'::text, 'channel'::text])))
);

create table reprise.open_alerts (
  incident integer not null,
  check_name text not null,
  channel text not null,
  constraint open_alerts_pkey PRIMARY KEY (incident, check_name, channel)
);

create table reprise.open_notices (
  stream text not null,
  subject text not null,
  channel text not null,
  since timestamp with time zone not null,
  severity text,
  outdated boolean not null default false,
  constraint open_notices_pkey PRIMARY KEY (stream, subject, channel)
);

create table reprise.outbox (
  id bigint not null generated always as identity,
  channel text not null,
  incident integer,
  "position" integer not null,
  message jsonb not null,
  idempotency_key uuid not null default gen_random_uuid(),
  attempts integer not null default 0,
  next_attempt timestamp with time zone not null default clock_timestamp(),
  last_error text,
  created_at timestamp with time zone not null default clock_timestamp(),
  delivered_at timestamp with time zone,
  held_for uuid,
  last_failure text,
  stream text not null,
  once text,
  not_before timestamp with time zone,
  accepted jsonb not null default '[]'::jsonb,
  remark text,
  dead_at timestamp with time zone,
  failing_since timestamp with time zone,
  refused_since timestamp with time zone,
  taken_until timestamp with time zone,
  fallen text[] not null default '{}'::text[],
  constraint outbox_channel_once_key UNIQUE (channel, once),
  constraint outbox_idempotency_key_key UNIQUE (idempotency_key),
  constraint outbox_pkey PRIMARY KEY (id),
  constraint outbox_stream_channel_position_key UNIQUE (stream, channel, "position")
);

create table reprise.replays (
  check_name text not null,
  due timestamp with time zone not null,
  location text not null,
  kind text not null,
  id uuid not null,
  run uuid not null,
  started_at timestamp with time zone not null default clock_timestamp(),
  ended_at timestamp with time zone,
  outcome text,
  presumed boolean not null default false,
  duration_ms double precision,
  reason text,
  detail jsonb,
  phases real[],
  slowest_ms real,
  version text,
  trace_id text,
  constraint replays_outcome_check CHECK ((outcome = ANY (ARRAY['passed'::text, 'flaky'::text, 'slow'::text, 'failed'::text, 'error'::text, 'unknown'::text]))),
  constraint replays_pkey PRIMARY KEY (check_name, due, location, kind)
) partition by RANGE (due);

create table reprise.report_keys (
  id boolean not null default true,
  key bytea not null,
  constraint report_keys_id_check CHECK (id),
  constraint report_keys_pkey PRIMARY KEY (id)
);

create table reprise.rollups (
  check_name text not null,
  location text not null,
  period text not null,
  start timestamp with time zone not null,
  passed integer not null default 0,
  flaky integer not null default 0,
  slow integer not null default 0,
  failed integer not null default 0,
  error integer not null default 0,
  unknown integer not null default 0,
  maintenance integer not null default 0,
  durations integer[] not null default '{}'::integer[],
  missed integer not null default 0,
  skipped integer not null default 0,
  constraint rollups_period_check CHECK ((period = ANY (ARRAY['hour'::text, 'day'::text]))),
  constraint rollups_pkey PRIMARY KEY (check_name, period, start, location)
);

create table reprise.runs (
  id uuid not null,
  environment text not null,
  location text not null,
  instance uuid not null,
  started_at timestamp with time zone not null default clock_timestamp(),
  ended_at timestamp with time zone,
  constraint runs_pkey PRIMARY KEY (id)
);

create table reprise.seats (
  check_name text not null,
  location text not null,
  active boolean not null default true,
  last_due timestamp with time zone not null,
  taken_by timestamp with time zone,
  constraint seats_check_name_fkey FOREIGN KEY (check_name) REFERENCES reprise.checks(name) ON DELETE CASCADE,
  constraint seats_pkey PRIMARY KEY (check_name, location)
) with (fillfactor=50);

create table reprise.set_backs (
  number integer not null generated always as identity,
  set_to timestamp with time zone not null,
  constraint set_backs_pkey PRIMARY KEY (number)
);

create table reprise.slots (
  check_name text not null,
  due timestamp with time zone not null,
  location text not null,
  kind text not null,
  environment text not null,
  state text not null,
  reason text,
  instance uuid,
  run uuid,
  outcome text,
  judged boolean not null default false,
  set_backs integer not null default reprise.count_set_backs(),
  counted boolean not null default false,
  constraint slots_kind_check CHECK ((kind = ANY (ARRAY['cron'::text, 'confirm'::text, 'manual'::text]))),
  constraint slots_outcome_check CHECK ((outcome = ANY (ARRAY['passed'::text, 'flaky'::text, 'slow'::text, 'failed'::text, 'error'::text, 'unknown'::text]))),
  constraint slots_pkey PRIMARY KEY (check_name, due, location, kind),
  constraint slots_state_check CHECK ((state = ANY (ARRAY['due'::text, 'claimed'::text, 'running'::text, 'done'::text, 'skipped'::text, 'missed'::text])))
) partition by RANGE (due);

create table reprise.transitions (
  id bigint not null generated always as identity,
  check_name text not null,
  at timestamp with time zone not null,
  kind text not null,
  from_state text,
  to_state text,
  quiet boolean not null default false,
  incident integer,
  constraint transitions_kind_check CHECK ((kind = ANY (ARRAY['state'::text, 'flapping'::text, 'steady'::text, 'opened'::text, 'closed'::text]))),
  constraint transitions_pkey PRIMARY KEY (id)
);

create table reprise.unruled_routes (
  environment text not null,
  check_name text not null,
  route text not null,
  reason text not null,
  times bigint not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  constraint unruled_routes_pkey PRIMARY KEY (environment, check_name, route)
);

create table reprise.watch (
  id boolean not null default true,
  until timestamp with time zone not null,
  constraint watch_id_check CHECK (id),
  constraint watch_pkey PRIMARY KEY (id)
);

CREATE INDEX actions_subject_kind_subject_id_idx ON reprise.actions USING btree (subject_kind, subject, id);

CREATE INDEX evidence_kept ON reprise.evidence USING btree (created_at) WHERE (removed_at IS NULL);

CREATE INDEX incident_checks_check_name_incident_idx ON reprise.incident_checks USING btree (check_name, incident);

CREATE INDEX incidents_environment_id_idx ON reprise.incidents USING btree (environment, id);

CREATE INDEX incidents_opened_at_idx ON reprise.incidents USING btree (opened_at);

CREATE INDEX intents_run_idx ON reprise.intents USING btree (run);

CREATE INDEX maintenance_windows_ends_at_idx ON reprise.maintenance_windows USING btree (ends_at);

CREATE UNIQUE INDEX one_open_incident_a_check ON reprise.incident_checks USING btree (check_name) WHERE (closed_at IS NULL);

CREATE INDEX outbox_channel_idx ON reprise.outbox USING btree (channel) WHERE (delivered_at IS NULL);

CREATE INDEX outbox_delivered_at_id_idx ON reprise.outbox USING btree (delivered_at, id) WHERE (delivered_at IS NOT NULL);

CREATE INDEX outbox_delivered_at_idx ON reprise.outbox USING btree (delivered_at) WHERE (last_error IS NOT NULL);

CREATE INDEX outbox_held_for_idx ON reprise.outbox USING btree (held_for) WHERE (held_for IS NOT NULL);

CREATE INDEX outbox_incident_idx ON reprise.outbox USING btree (incident) WHERE (incident > 0);

CREATE INDEX outbox_next_attempt_idx ON reprise.outbox USING btree (next_attempt) WHERE (delivered_at IS NULL);

CREATE INDEX replays_check_name_due_idx ON ONLY reprise.replays USING btree (check_name, due) WHERE (outcome = ANY (ARRAY['flaky'::text, 'failed'::text]));

CREATE INDEX replays_run_idx ON ONLY reprise.replays USING btree (run);

CREATE INDEX runs_started_at_idx ON reprise.runs USING btree (started_at);

CREATE INDEX slots_check_name_due_idx ON ONLY reprise.slots USING btree (check_name, due) WHERE (NOT judged);

CREATE INDEX slots_check_name_idx ON ONLY reprise.slots USING btree (check_name) WHERE ((state = ANY (ARRAY['missed'::text, 'skipped'::text])) AND (NOT counted));

CREATE INDEX slots_due_idx ON ONLY reprise.slots USING btree (due) WHERE (state = ANY (ARRAY['missed'::text, 'skipped'::text]));

CREATE INDEX slots_due_idx1 ON ONLY reprise.slots USING btree (due) WHERE (outcome = 'error'::text);

CREATE INDEX slots_instance_idx ON ONLY reprise.slots USING btree (instance) WHERE (state = ANY (ARRAY['claimed'::text, 'running'::text]));

CREATE INDEX slots_location_due_idx ON ONLY reprise.slots USING btree (location, due) WHERE (state = 'due'::text);

CREATE INDEX transitions_check_name_at_idx ON reprise.transitions USING btree (check_name, at);

CREATE OR REPLACE FUNCTION reprise.count_set_backs()
 RETURNS integer
 LANGUAGE sql
 STABLE
AS $function$select count(*)::integer from reprise.set_backs$function$;

CREATE OR REPLACE FUNCTION reprise.open_day(day date)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  parent text;
  partition text;
begin
  if to_regclass(format('reprise.slots_%s', to_char(day, 'YYYYMMDD'))) is not null then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('reprise.days', 0));
  foreach parent in array array['replays', 'slots'] loop
    partition := parent || '_' || to_char(day, 'YYYYMMDD');
    if to_regclass(format('reprise.%I', partition)) is null then
      execute format('create table reprise.%I (like reprise.%I including all)', partition, parent);
      execute format(
        'alter table reprise.%I attach partition reprise.%I for values from (%L) to (%L)', parent, partition,
        day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
    end if;
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION reprise.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'The log of the operators is only appended to.';
end
$function$;
