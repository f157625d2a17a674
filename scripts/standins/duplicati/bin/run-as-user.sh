#!/bin/bash
# The stand-in's run-as-user.sh. The original also changes the user if UID and GID are set; this one does not.
set -e
if [ $# -eq 0 ]; then
  echo 'run-as-user.sh: name the command to run, such as duplicati-server.' >&2
  exit 1
fi
exec "$@"
