# shellcheck shell=bash
# shellcheck disable=SC2034 # used by the files that source this
# What the supervisor and the commands share.

RUN=/run/laterbase       # the status, the pause, the lock of the commands
ETC=/etc/pgbouncer       # a folder for each configuration
CURRENT=$ETC/current     # a link to the one in force: ini and userlist change in one rename
SOCKETS=/run/pgbouncer
INI=pgbouncer.ini
NARROW=$RUN/narrow.ini   # what the configuration includes at its end; empty but while a pause begins
REFUSED=$RUN/refused     # a line for each login that PgBouncer has refused since it started

umask 077
export LC_ALL=C.UTF-8 TZ=${TZ:-UTC} PGCONNECT_TIMEOUT=5

say() { printf '%s laterbase: %s\n' "$(utc)" "$*" >&2; }
utc() { TZ=UTC printf '%(%Y-%m-%dT%H:%M:%SZ)T' -1; }

# status STATE [SENTENCE]: publishes the status by rename. `since` says when the state began.
status() {
  local detail=${2-}
  detail=${detail//\\/\\\\}
  detail=${detail//\"/\\\"}
  printf '{"state":"%s","detail":"%s","since":"%s"}\n' "$1" "${detail//[[:cntrl:]]/ }" "$(utc)" >"$RUN/status.new"
  mv -f "$RUN/status.new" "$RUN/status"
  say "$1${2:+: $2}"
}

# count_refused: reads PgBouncer's log. A client chooses its names in a line, but not the end of the line.
count_refused() {
  exec sed -unE 's/^.* pooler error: (SASL authentication failed|password authentication failed|login rejected|no such user)$//p' >>"$REFUSED"
}

# idle SECONDS: waits without a process. A signal ends it at once.
idle() {
  [[ -n ${IDLE-} ]] || exec {IDLE}<> <(:)
  read -rt "$1" -u "$IDLE" || true
}

# console SECONDS COMMAND [OPTION…]: PgBouncer accepts its own user on its socket, even when it has no room
# for clients. Tabs separate the columns.
console() {
  local limit=$1 command=$2
  shift 2
  timeout "$limit" psql -XAqw -F $'\t' -P footer=off "$@" \
    "host=$SOCKETS port=6432 user=pgbouncer dbname=pgbouncer" -c "$command"
}

# columns NAME…: these columns of a table with a header, in this order. PgBouncer's releases have different columns.
columns() {
  awk -F '\t' -v OFS='\t' -v wanted="$*" '
    NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(wanted, name, " "); next }
    { line = $(at[name[1]]); for (i = 2; i <= n; i++) line = line OFS $(at[name[i]]); print line }'
}

quoted() { printf '"%s"' "${1//\"/\"\"}"; }

# keep_pools 0|1: with 1, a pool with clients keeps a connection, so that clients wait, and do not fail,
# while the server refuses new ones. The setting is not in the file, so that RELOAD does not set it during
# a pause: PgBouncer would open a connection for a paused pool too, close it during its login, and later
# let clients fail because of that.
keep_pools() { console 5 "SET min_pool_size = $1" >/dev/null 2>&1 || true; }
