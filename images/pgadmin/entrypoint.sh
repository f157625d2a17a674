#!/bin/bash
# For a start by hand, as in dpage/pgadmin4: PGADMIN_DEFAULT_EMAIL and PGADMIN_DEFAULT_PASSWORD create the
# first login, PGADMIN_SERVER_JSON_FILE lists its servers, PGADMIN_LISTEN_PORT is the port to listen on.
set -euo pipefail
export PGADMIN_SERVER_MODE=ON

if [ ! -f /var/lib/pgadmin/pgadmin4.db ]; then
  if [ -z "${PGADMIN_DEFAULT_EMAIL:-}" ] || [ -z "${PGADMIN_DEFAULT_PASSWORD:-}" ]; then
    echo 'entrypoint.sh: set PGADMIN_DEFAULT_EMAIL and PGADMIN_DEFAULT_PASSWORD for the first start.' >&2
    exit 1
  fi
  export PGADMIN_SETUP_EMAIL=$PGADMIN_DEFAULT_EMAIL PGADMIN_SETUP_PASSWORD=$PGADMIN_DEFAULT_PASSWORD
  /venv/bin/python3 -c 'import pgAdmin4'
  servers=${PGADMIN_SERVER_JSON_FILE:-/pgadmin4/servers.json}
  [ ! -f "$servers" ] ||
    /venv/bin/python3 /pgadmin4/setup.py load-servers "$servers" --user "$PGADMIN_DEFAULT_EMAIL"
fi

exec /venv/bin/gunicorn --bind "0.0.0.0:${PGADMIN_LISTEN_PORT:-80}" --workers 1 --threads 25 \
  --timeout 86400 --access-logfile - pgAdmin4:app
