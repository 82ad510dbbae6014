#!/usr/bin/env bash
# Builds an image of PostgreSQL 15 from Debian's packages, for a machine that cannot pull the official one.
# Usage: postgres-image.sh NAME:TAG     (needs root, a running Docker engine, and debootstrap)
# The image honours POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB and PGDATA as the official one does.
set -euo pipefail
image=${1:?usage: postgres-image.sh NAME:TAG}
docker image inspect "$image" >/dev/null 2>&1 && exit 0
root=$(mktemp -d); trap 'rm -rf "$root"' EXIT
mirror=$(apt-get indextargets --format '$(SITE)' 'Codename: bookworm' | head -n 1)
debootstrap --variant=minbase --include=postgresql-15 bookworm "$root" "$mirror" >/dev/null
rm -rf "$root"/var/lib/postgresql/15 "$root"/var/cache/apt/archives/*.deb "$root"/usr/share/{doc,man,locale}
cat >"$root/usr/local/bin/docker-entrypoint.sh" <<'ENTRY'
#!/bin/bash
set -e
export PATH=/usr/lib/postgresql/15/bin:$PATH PGDATA=${PGDATA:-/var/lib/postgresql/data}
user=${POSTGRES_USER:-postgres}
as_postgres() { su postgres -c "PATH=$PATH $1"; }
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"; chown -R postgres "$PGDATA"; chmod 700 "$PGDATA"
  printf '%s\n' "${POSTGRES_PASSWORD:-postgres}" >/tmp/pw; chown postgres /tmp/pw
  as_postgres "initdb -D $PGDATA -U $user --pwfile=/tmp/pw -A scram-sha-256 -N >/dev/null"; rm /tmp/pw
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  if [ "${POSTGRES_DB:-$user}" != postgres ]; then
    as_postgres "pg_ctl -D $PGDATA -w -o '-c listen_addresses=' start >/dev/null"
    su postgres -c "PGPASSWORD='${POSTGRES_PASSWORD:-postgres}' PATH=$PATH createdb -U $user '${POSTGRES_DB:-$user}'"
    as_postgres "pg_ctl -D $PGDATA -m fast -w stop >/dev/null"
  fi
fi
[ "${1:-}" = postgres ] && shift
exec su postgres -c "PATH=$PATH exec postgres -D $PGDATA -c listen_addresses='*' $*"
ENTRY
chmod +x "$root/usr/local/bin/docker-entrypoint.sh"
tar -C "$root" -c . | docker import \
  -c 'ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
  -c 'EXPOSE 5432' -c 'ENTRYPOINT ["docker-entrypoint.sh"]' -c 'CMD ["postgres"]' - "$image"
