-- When its channels were last notified that the check is degraded.
alter table reprise.checks add column degraded_reported_at timestamptz;
