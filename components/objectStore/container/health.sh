#!/bin/sh
# The container's health check: prints the status as one JSON line, as every image of ours does. It asks
# as a client does, by its key and with a look at the certificate. The image has no other client.
set -eu
ADMIN_ACCESS_KEY_ID=$(cat /etc/laterbase/access-key)
ADMIN_SECRET_ACCESS_KEY=$(cat /etc/laterbase/secret-key)
export ADMIN_ACCESS_KEY_ID ADMIN_SECRET_ACCESS_KEY
export SSL_CERT_FILE=/etc/laterbase/authority.pem

if timeout 4 versitygw admin --endpoint-url https://localhost:7070 list-buckets >/dev/null 2>&1; then
  echo '{"state":"running","detail":"","since":""}'
else
  echo '{"state":"starting","detail":"the object store does not answer yet","since":""}'
  exit 1
fi
