-- The rows that every environment has. Applied at each start, so it has to be idempotent.
insert into plans (id, name) values
  ('free', 'Free'),
  ('team', 'Team'),
  ('enterprise', 'Enterprise')
on conflict (id) do update set name = excluded.name;
