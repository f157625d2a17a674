#!/bin/sh
# Starts versitygw, in the image of its makers and in ours. It reads the keys from its environment only.
# Exported in here, `docker inspect` shows neither.
set -eu
ROOT_ACCESS_KEY_ID=$(cat /etc/laterbase/access-key)
ROOT_SECRET_ACCESS_KEY=$(cat /etc/laterbase/secret-key)
export ROOT_ACCESS_KEY_ID ROOT_SECRET_ACCESS_KEY

# Without keep-alive each request is a TLS handshake of its own: pgBackRest's verify takes twice as long.
# The access log would have a line for each request.
exec versitygw --port :7070 --region us-east-1 --keep-alive --quiet \
  --cert /etc/laterbase/certificate.pem --key /etc/laterbase/certificate.key posix /data
