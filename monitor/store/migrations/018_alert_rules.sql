-- To which channels messages go, and when, by the configuration that took effect last, so that all instances agree.
create table reprise.alert_rules (
  id integer primary key default 1 check (id = 1),
  rules jsonb not null
);

-- Until the first configuration takes effect; a channel was known by the checks that have it.
insert into reprise.channels (name)
select distinct channel from reprise.checks, jsonb_array_elements_text(rules -> 'channels') channel where active;
