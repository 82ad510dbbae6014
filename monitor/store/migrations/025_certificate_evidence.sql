-- What is known of a replay that has seen the certificate, and when that was noted; null: of this certificate, none.
alter table reprise.certificates add column seen_by jsonb, add column noted_at timestamptz;
