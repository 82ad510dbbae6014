-- When an instance last had the origin in its configuration.
alter table reprise.certificates add column configured_at timestamptz;
