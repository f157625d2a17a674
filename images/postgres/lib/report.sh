# shellcheck shell=bash
# What the server tells the stack's monitor each 15 seconds, where there is one. It comes unasked, so a monitor can be
# added to a running server, and taken away again. It is a process of its own that the supervisor never waits for.

REPORT_EVERY=15
REPORT_LIMIT=5 # seconds that one report may take, with everything that it starts
REPORT_TO=health
REPORT_PORT=8081

# start_reports: before the volume is locked and the log is opened, because a process keeps what it inherits open.
start_reports() {
  reports </dev/null >/dev/null 2>&1 &
}

reports() {
  trap - INT TERM
  local idle
  exec {idle}<> <(:)
  while :; do
    # Waits without a process of its own, as `pause` does.
    read -rt "$REPORT_EVERY" -u "$idle" || true
    timeout -k 1 "$REPORT_LIMIT" bash "$LIB/report.sh" "$ROLE" || true
  done
}

# near ADDRESS: whether it is on a network that this container is in. Another machine may have the monitor's name where
# the stack has no monitor, and it is told nothing.
near() {
  local a b c d address destination gateway mask _
  IFS=. read -r a b c d <<<"$1"
  [[ $1 =~ ^([0-9]{1,3}\.){3}[0-9]{1,3}$ ]] || return 1
  # The kernel writes the bytes of an address from the last to the first.
  address=$((d << 24 | c << 16 | b << 8 | a))
  while read -r _ destination gateway _ _ _ _ mask _; do
    [[ $gateway == 00000000 && $mask =~ ^[0-9A-F]{8}$ && $mask != 00000000 ]] || continue
    (((address & 16#$mask) != 16#$destination)) || return 0
  done <"${ROUTES:-/proc/net/route}"
  return 1
}

# body: what the health check says, with the room that the data have, and how text is sorted here.
body() {
  local status room kb free collation=''
  status=$(laterbase-health) || [[ $status == '{'* ]] || return 1
  room=$(df --output=size,avail -k "$VOLUME" | tail -n 1)
  read -r kb free <<<"$room"
  read -r collation 2>/dev/null <"${RUN:-/run/laterbase}/collation" || true
  printf '%s,"collation":{%s},"disk":{"bytes":%d,"free":%d}}' "${status%\}}" "$collation" \
    $((kb * 1024)) $((free * 1024))
}

report() {
  local VOLUME=/var/lib/postgresql/$1 found address text
  found=$(getent ahostsv4 "$REPORT_TO") || return 0
  read -r address _ <<<"$found"
  near "$address" || return 0
  text=$(body) || return 0
  exec 3<>"/dev/tcp/$address/$REPORT_PORT"
  # In bytes: a sentence may hold any character.
  LC_ALL=C
  printf 'POST /reports/%s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
    "$HOSTNAME" "$REPORT_TO" "${#text}" "$text" >&3
  # Its answer changes nothing. Without a reader, the other end would see a connection that breaks.
  read -rt 2 -u 3 || true
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  set -euo pipefail
  report "$1"
fi
