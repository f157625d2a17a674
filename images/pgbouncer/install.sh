#!/usr/bin/env bash
# Installs PgBouncer and psql into the image: from PGDG, which has the newest release, where it answers,
# else from the Debian suite.
set -euo pipefail

pgdg=http://apt.postgresql.org/pub/repos/apt
export DEBIAN_FRONTEND=noninteractive
# shellcheck source=/dev/null
source /etc/os-release

install_packages() {
  apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >/dev/null
}

# Debian 13 has names such as US/Eastern in a package of their own. Databases and owners use them.
old_zone_names() { ! apt-cache show tzdata-legacy >/dev/null 2>&1 || echo tzdata-legacy; }

# PostgreSQL's uid is the same in all images. Before any package can take it.
make_user() {
  groupadd --system --gid 999 postgres
  useradd --system --uid 999 --gid 999 --home-dir /var/lib/postgresql --shell /bin/bash postgres
}

# Debian's own postgresql-common contains the PGDG key, so the base is the only thing that is trusted.
add_pgdg() {
  local key list=/etc/apt/sources.list.d/pgdg.list
  key=$(find /usr/share/postgresql-common/pgdg -name 'apt.postgresql.org.asc' -o -name 'apt.postgresql.org.gpg' | sort | head -n 1)
  if [[ -z $key ]] || ! timeout 5 /usr/lib/apt/apt-helper -o Acquire::Retries=0 \
    download-file "$pgdg/dists/$VERSION_CODENAME-pgdg/Release" /tmp/pgdg-release >/dev/null 2>&1; then
    echo "PGDG does not answer within 5 s: PgBouncer comes from $VERSION_CODENAME"
    return 0
  fi
  rm -f /tmp/pgdg-release
  echo "deb [signed-by=$key] $pgdg $VERSION_CODENAME-pgdg main" >"$list"
  if ! apt-get update -qq --error-on=any; then
    echo "PGDG answers but cannot be used: PgBouncer comes from $VERSION_CODENAME"
    rm -f "$list"
    apt-get update -qq
  fi
}

make_user
apt-get update -qq
# shellcheck disable=SC2046 # nothing, or one word
install_packages ca-certificates tzdata $(old_zone_names) postgresql-common
add_pgdg
install_packages pgbouncer postgresql-client-17
# Debian's example goes: the stack brings the configuration.
rm -rf /etc/pgbouncer /etc/default/pgbouncer
install -d -o 999 -g 999 -m 0700 /etc/pgbouncer /run/pgbouncer
install -d -o 999 -g 999 -m 0755 /run/laterbase
# The rendered pgbouncer.ini includes it: only the image knows which release it got.
install -d /usr/local/share/laterbase
bash /tmp/startup-settings.sh "$(pgbouncer --version | sed -n 's/^PgBouncer //p')" >/usr/local/share/laterbase/startup.ini
apt-get clean
rm -rf /var/lib/apt/lists/*
