#!/bin/bash
# The real one also changes the user when it is told UID and GID; this one runs as it was started.
set -e
if [ $# -eq 0 ]; then
  echo 'run-as-user.sh: name the command to run, such as duplicati-server.' >&2
  exit 1
fi
exec "$@"
