#!/usr/bin/env bash
# Installs PostgreSQL <major>, pgBackRest and all locales, in both collations, into the image.
# The base decides the Debian suite, and so the glibc that sorts every text index. PGDG, where it answers,
# only adds a newer minor, or a major that the suite lacks.
set -euo pipefail

major=$1
pgdg=http://apt.postgresql.org/pub/repos/apt
export DEBIAN_FRONTEND=noninteractive
# shellcheck source=/dev/null
source /etc/os-release

install_packages() {
  apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >/dev/null
}

# Debian 13 has names such as US/Eastern in a package of their own. Databases and owners use them.
old_zone_names() { ! apt-cache show tzdata-legacy >/dev/null 2>&1 || echo tzdata-legacy; }

# The uid is the same in every image, because containers share volumes. Before any package can take it.
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
    echo "PGDG does not answer within 5 s: PostgreSQL comes from $VERSION_CODENAME"
    return 0
  fi
  rm -f /tmp/pgdg-release
  echo "deb [signed-by=$key] $pgdg $VERSION_CODENAME-pgdg main" >"$list"
  if ! apt-get update -qq --error-on=any; then
    echo "PGDG answers but cannot be used: PostgreSQL comes from $VERSION_CODENAME"
    rm -f "$list"
    apt-get update -qq
  fi
}

require_major() {
  if ! apt-cache show "postgresql-$major" >/dev/null 2>&1; then
    echo "PostgreSQL $major is not part of Debian $VERSION_CODENAME, and PGDG (apt.postgresql.org) does not answer:" \
      "build where PGDG can be reached, or choose 13, 15 or 17." >&2
    exit 1
  fi
}

# LC_COLLATE of C.UTF-8 as glibc has it since 2.35: without rules, so strcoll compares bytes, which is the
# order of code points. The older one in Debian bullseye ignores code points above 16 bits. This builds the
# file from its parts (magic, 19 items, identity tables); where glibc has the file, both are equal.
code_point_collation() {
  perl -e 'print pack("V*", 0x20051017, 19, 0x54, (0x58) x 13, (0x5c) x 3, 0x15c, 0x578, 0, 0),
    pack("C*", 0 .. 255), pack("V*", 8, 1, 8, 0, 255, 24, 28, 0 .. 255), "UTF-8\0"'
}

# A second set of locales in code-point order, for standbys of servers that sort that way, such as a Mac's.
# Each is Debian's own except for LC_COLLATE: 320 folders of links, 1.3 MB. A server that starts with
# LOCPATH=<folder>:/usr/lib/locale sorts by code point under the usual locale names.
add_code_point_locales() {
  local debian=/usr/lib/locale code_point=/usr/local/lib/laterbase/code-point folder name
  install -d "$code_point"
  code_point_collation >"$code_point/LC_COLLATE"
  if [[ -e $debian/C.utf8 ]]; then
    cmp "$code_point/LC_COLLATE" "$debian/C.utf8/LC_COLLATE"
    ln -s C.utf8 "$debian/UTF-8"
  else
    ln -s C.UTF-8 "$debian/UTF-8" # a Mac's name for a locale that only says UTF-8
  fi
  for folder in "$debian"/*/; do
    name=$(basename "$folder")
    [[ $(LC_ALL=$name locale charmap 2>/dev/null) == UTF-8 ]] || continue
    install -d "$code_point/$name"
    ln -s "$folder"* "$code_point/$name/"
    ln -sfn ../LC_COLLATE "$code_point/$name/LC_COLLATE"
  done
  [[ -e $code_point/en_US.utf8/LC_COLLATE ]]
}

make_user
apt-get update -qq
# shellcheck disable=SC2046 # nothing, or one word
install_packages ca-certificates tzdata $(old_zone_names) locales-all postgresql-common
echo 'create_main_cluster = false' >>/etc/postgresql-common/createcluster.conf
add_pgdg
require_major
install_packages "postgresql-$major" "postgresql-client-$major" pgbackrest
add_code_point_locales
for role in primary standby; do
  install -d -o 999 -g 999 -m 0750 "/var/lib/postgresql/$role"
  install -d -o 999 -g 999 -m 0755 "/run/pg/$role"
done
install -d -o 999 -g 999 -m 0755 /run/laterbase /etc/laterbase
# pgBackRest would use Debian's file where its configuration is missing. New volumes get these folders' owner.
rm -f /etc/pgbackrest.conf
install -d -o 999 -g 999 -m 0750 /etc/pgbackrest /var/spool/pgbackrest /var/lib/pgbackrest /var/lib/pgbackrest/log
apt-get clean
rm -rf /var/lib/apt/lists/*
