-- What every environment has before its first user. Applied at each start, so it must bear repetition.
insert into plans (id, name) values
  ('free', 'Free'),
  ('team', 'Team'),
  ('enterprise', 'Enterprise')
on conflict (id) do update set name = excluded.name;
