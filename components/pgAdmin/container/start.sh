#!/bin/bash
# Starts pgAdmin inside its container, in the real image and in ours. The image's own entry point
# loads pgAdmin up to three times before it serves; here the process that serves does everything.
set -euo pipefail

cd /pgadmin4
export CONFIG_DISTRO_FILE_PATH=/etc/laterbase/config_distro.py
export PGADMIN_SERVER_MODE=ON
export PYTHONPATH=/etc/laterbase:/pgadmin4
# The real image comes without compiled modules, and its user may write none beside the sources:
# each start would compile all of them again.
[ -d /pgadmin4/__pycache__ ] || export PYTHONPYCACHEPREFIX=/var/lib/pgadmin/pycache

# One worker, because sessions and connections are kept in its memory. The time limit is that of a
# session: a query may take as long.
exec /venv/bin/python3 /venv/bin/gunicorn --bind 0.0.0.0:8080 --workers 1 --threads 25 \
  --timeout 86400 --graceful-timeout 5 --access-logfile - laterbase_pgadmin:app
