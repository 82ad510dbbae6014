-- The versions of the service that a replay saw, separated by a comma and a space; null: unknown.
alter table reprise.replays add column version text;

-- With which slot the failures began for which a check is in an incident, which slot passed last before, and the versions
-- that their replays saw; null: unknown. They stay when the results are removed.
alter table reprise.incident_checks
  add column failing_since timestamptz,
  add column failing_version text,
  add column passed_at timestamptz,
  add column passed_version text;

-- For the history of incidents, of one check and of one environment.
create index on reprise.incident_checks (check_name, incident);
create index on reprise.incidents (environment, id);
