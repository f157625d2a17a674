#!/usr/bin/env bash
# Installs pgAdmin, gunicorn and PostgreSQL's client tools into the image, at the paths of
# dpage/pgadmin4. requirements.txt and sources.txt pin every version, and every file by its hash.
set -euo pipefail

export DEBIAN_FRONTEND=noninteractive

install_packages() {
  apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >/dev/null
}

# Debian 13 has names such as US/Eastern in a package of their own. Databases and owners use them.
old_zone_names() { ! apt-cache show tzdata-legacy >/dev/null 2>&1 || echo tzdata-legacy; }

apt-get update -qq
# shellcheck disable=SC2046 # nothing, or one word
install_packages ca-certificates tzdata $(old_zone_names) python3 python3-venv postgresql-client-17
useradd --system --uid 5050 --gid 0 --no-create-home --home-dir /var/lib/pgadmin --shell /usr/sbin/nologin pgadmin

python3 -m venv /venv
# The certificates that the builder's machine trusts, because a network may have its own authority.
[ ! -s /tmp/ca.pem ] || export PIP_CERT=/tmp/ca.pem
install_locked() {
  /venv/bin/pip install --quiet --no-cache-dir --no-deps --disable-pip-version-check --require-hashes "$@"
}
install_locked --only-binary :all: -r /tmp/requirements.txt
# These have no wheel. By default pip builds one with a setuptools that it downloads without a hash; this one is
# already installed.
install_locked --no-binary :all: --no-build-isolation -r /tmp/sources.txt
/venv/bin/pip uninstall --quiet --yes pip
site=$(echo /venv/lib/python3.*/site-packages)
ln -s "$site/pgadmin4" /pgadmin4
ln -s /usr/lib/postgresql/17/bin /usr/local/pgsql-17

install -d -o 5050 -g 0 -m 0770 /var/lib/pgadmin
apt-get clean
rm -rf /var/lib/apt/lists/*
