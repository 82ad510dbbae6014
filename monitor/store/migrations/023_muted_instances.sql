-- The instance creates no alerts of failures.
alter table reprise.instances add column muted boolean not null default false;
