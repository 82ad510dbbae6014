-- How urgent the beginning was that the channel was notified of; null: by an earlier version.
alter table reprise.open_notices add column severity text;
