# shellcheck shell=bash
# shellcheck disable=SC2034 # used by the files that source this
# What the supervisor and the commands share.

RUN=/run/laterbase       # the status, the pause, the lock of the commands
ETC=/etc/pgbouncer       # a folder for each configuration
CURRENT=$ETC/current     # a link to the one in force: ini and userlist change in one rename
SOCKETS=/run/pgbouncer
INI=pgbouncer.ini

umask 077
export LC_ALL=C.UTF-8 TZ=${TZ:-UTC} PGCONNECT_TIMEOUT=5

say() { printf '%s laterbase: %s\n' "$(utc)" "$*" >&2; }
utc() { TZ=UTC printf '%(%Y-%m-%dT%H:%M:%SZ)T' -1; }

# status STATE [SENTENCE]: published by rename; `since` is that of the state.
status() {
  local detail=${2-}
  detail=${detail//\\/\\\\}
  detail=${detail//\"/\\\"}
  printf '{"state":"%s","detail":"%s","since":"%s"}\n' "$1" "${detail//[[:cntrl:]]/ }" "$(utc)" >"$RUN/status.new"
  mv -f "$RUN/status.new" "$RUN/status"
  say "$1${2:+: $2}"
}

# idle SECONDS: waits without a process. A signal ends it at once.
idle() {
  [[ -n ${IDLE-} ]] || exec {IDLE}<> <(:)
  read -rt "$1" -u "$IDLE" || true
}

# console SECONDS COMMAND [OPTION…]: PgBouncer lets its own user in by its own socket, also when no
# client has room. Rows come with tabs between the columns.
console() {
  local limit=$1 command=$2
  shift 2
  timeout "$limit" psql -XAqw -F $'\t' -P footer=off "$@" \
    "host=$SOCKETS port=6432 user=pgbouncer dbname=pgbouncer" -c "$command"
}

# columns NAME…: those columns of a table with its header, in this order; PgBouncer's releases differ in them.
columns() {
  awk -F '\t' -v OFS='\t' -v wanted="$*" '
    NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(wanted, name, " "); next }
    { line = $(at[name[1]]); for (i = 2; i <= n; i++) line = line OFS $(at[name[i]]); print line }'
}

quoted() { printf '"%s"' "${1//\"/\"\"}"; }

# keep_pools 0|1: with 1, a pool that has clients keeps a connection, so that a server that refuses new
# ones makes them wait, and not fail. It is not in the file, so that RELOAD leaves it off during a pause:
# PgBouncer opens it for paused pools as well, closes it in its login, and fails clients for that later.
keep_pools() { console 5 "SET min_pool_size = $1" >/dev/null 2>&1 || true; }
