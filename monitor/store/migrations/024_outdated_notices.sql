-- The channel knows of the matter, and was left out of the last message about it: it was muted, or its checks were quiet.
alter table reprise.open_notices add column outdated boolean not null default false;
