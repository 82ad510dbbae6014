-- Archives of runs that all instances share: as large objects of this database, or in an S3-compatible store.
create table reprise.evidence (
  run text primary key,
  store text not null check (store in ('postgres', 's3')),
  -- The large object's oid, or the object's key.
  place text not null,
  -- The bucket of the key, after the URL of its endpoint where that is not S3 itself; null for a large object.
  bucket text,
  bytes bigint not null,
  -- By the names of the run's checks; null where they are unknown.
  outcomes jsonb,
  created_at timestamptz not null,
  removed_at timestamptz
);

create index evidence_kept on reprise.evidence (created_at) where removed_at is null;

-- The key with which all instances sign the paths of reports.
create table reprise.report_keys (
  id boolean primary key default true check (id),
  key bytea not null
);
