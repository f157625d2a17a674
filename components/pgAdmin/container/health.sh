#!/bin/bash
# The container's health check: prints the status as one JSON line, as every image of ours does.
# By bash alone, because the real image has no curl and ours no wget.
ping() {
  local status
  exec 3<>/dev/tcp/127.0.0.1/8080 || return 1
  printf 'GET /misc/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
  IFS= read -r -t 4 status <&3 && [[ $status == 'HTTP/1.1 200'* ]]
}

if (ping) 2>/dev/null; then
  echo '{"state":"running","detail":"","since":""}'
else
  echo '{"state":"starting","detail":"pgAdmin does not answer yet","since":""}'
  exit 1
fi
