# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153 # state is shared between the files of one process
# What both roles share: status, log, lock, and one server that runs as a child of PID 1.
# The server is not PID 1 itself: as PID 1 it would adopt the children of killed `docker exec`s, and a
# postmaster whose adopted child is killed by a signal restarts every backend.

RUN=/run/laterbase
ETC=/etc/laterbase
VOLUME=/var/lib/postgresql/$ROLE
SOCKETS=/run/pg/$ROLE
PGDATA=$VOLUME/data
SERVER=  # pid of the postmaster
RUNNING= # pid of the process that is waited for
JOB=     # process group of a running clone
LOG=     # descriptor that the server writes to
LOCAL_DATABASES=(template1) # where `lookup` asks: the one database that every server has

umask 077
export LC_ALL=C.UTF-8 PGCLIENTENCODING=UTF8 PGGSSENCMODE=disable PGTZ=UTC

# shellcheck source=/dev/null
source "$LIB/session.sh"
# shellcheck source=../lib/report.sh
source "$LIB/report.sh"

# Control characters, and those that turn the direction of text: a server's text is shown without them.
HIDDEN=$'[[:cntrl:]\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069]'
visible() { printf '%s' "${1//$HIDDEN/?}"; }

say() { printf '%s laterbase: %s\n' "$(utc)" "$(visible "$*")" >&2; }
utc() { TZ=UTC printf '%(%Y-%m-%dT%H:%M:%SZ)T' -1; }

# status STATE[/PHASE] [SENTENCE]: publishes the status by rename. Programs decide by state and phase,
# people read the sentence. `since` says when the state began; a new phase or sentence does not reset it.
# Several processes publish, so the state and its beginning are kept in a file.
status() {
  local state=${1%%/*} phase='' detail=${2-} old='' known='' since line
  [[ $1 != */* ]] || phase="\"phase\":\"${1#*/}\","
  : >"$RUN/alive"
  read -r old 2>/dev/null <"$RUN/status" || true
  read -r known since 2>/dev/null <"$RUN/since" || known=
  if [[ $known != "$state" ]]; then
    since=$(utc)
    printf '%s %s\n' "$state" "$since" >"$RUN/since"
  fi
  line=$(printf '{"state":"%s",%s"detail":"%s","since":"%s"}' "$state" "$phase" "$(json_text "$detail")" "$since")
  [[ $line != "$old" ]] || return 0
  printf '%s\n' "$line" >"$RUN/status.new"
  mv -f "$RUN/status.new" "$RUN/status"
  # Numbers change each second; a line is logged only when something else changed.
  if [[ ${line//[0-9A-F]/} != "${old//[0-9A-F]/}" ]]; then say "$state${detail:+: $detail}"; fi
}

# container_start: when PID 1 started, in ticks. Files of an earlier run of the container hold another number.
container_start() { local -a field; read -ra field </proc/1/stat; printf '%s\n' "${field[21]}"; }

json_text() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"}
  printf '%s' "${text//$HIDDEN/ }"
}

# pause SECONDS: ends at once for a signal, because a trap has to wait for a foreground command. It reads
# from a pipe without a writer: `sleep` would be one more process each time, which slows replay down.
pause() {
  [[ -n ${IDLE-} ]] || exec {IDLE}<> <(:)
  read -rt "$1" -u "$IDLE" || true
}

# run COMMAND…: runs it in the background and waits, so that signals are handled meanwhile.
run() {
  "$@" &
  RUNNING=$!
  wait "$RUNNING"
}

# Two servers on one volume would destroy the data, and PostgreSQL's own lock does not work across pid
# namespaces. The server inherits the descriptor, so the lock lasts as long as any process that can write.
lock_volume() {
  exec {VOLUME_LOCK}>"$VOLUME/.lock"
  until flock -n "$VOLUME_LOCK"; do
    status waiting "another container is using this data volume"
    pause 1
  done
}

# open_log [PATTERN FILE]: the server's output goes to the container's log; lines that match go to FILE too.
open_log() {
  : >"$RUN/refused"
  # tee writes to the inherited descriptor: /dev/stderr cannot be opened by an unprivileged user.
  if (($#)); then
    exec {LOG}> >(trap '' INT TERM; exec tee >(count_refused) >(exec grep --line-buffered -E "$1" >>"$2") >&2)
  else
    exec {LOG}> >(trap '' INT TERM; exec tee >(count_refused) >&2)
  fi
  LOG_READER=$!
}

# count_refused: an empty line for each refused login (28P01 a wrong password, 28000 a role or an address). A
# process refuses one and ends, and may write several lines about it. What follows the code may be anything:
# a client sends it.
count_refused() {
  exec sed -unE 's/^[0-9][^[]*\[([0-9]+)\] [a-z ]+ 28(P01|000) .*/\1/; T; G; /^(.*)\n\1$/d; s/\n.*//; h; s/.*//p' >>"$RUN/refused"
}

# close_log: waits until everything that the server wrote is in the container's log, for two seconds at most: a
# process that an init script started may hold the log open.
close_log() {
  local i
  [[ -n $LOG ]] || return 0
  exec {LOG}>&-
  LOG=
  for ((i = 0; i < 20; i++)); do
    kill -0 "$LOG_READER" 2>/dev/null || return 0
    pause 0.1
  done
}

# Kind of process, SQLSTATE, the client's address, its role and database.
LOG_PREFIX='%m [%p] %b %e %q%h %u@%d '

# start_server ARGUMENT…
start_server() {
  # The pid file of a killed container, and the lock of its socket, may name any process of this one. The volume is
  # locked, so they are stale when no server process runs in this container.
  grep -qxs postgres /proc/[0-9]*/comm || rm -f "$PGDATA/postmaster.pid" {"$SOCKETS","$RUN"}/.s.PGSQL.*.lock
  # On the command line, where no setting hides a refused login from the log, neither one of ALTER SYSTEM nor
  # one that a standby has copied from its primary.
  postgres -D "$PGDATA" "$@" -c logging_collector=off -c log_destination=stderr -c log_min_messages=warning \
    -c lc_messages=C -c log_line_prefix="$LOG_PREFIX" >&"$LOG" 2>&1 &
  SERVER=$!
}

server_alive() { [[ -n $SERVER ]] && kill -0 "$SERVER" 2>/dev/null; }

# stop_server: a fast shutdown; returns when the server has ended.
stop_server() {
  [[ -n $SERVER ]] || return 0
  kill -INT "$SERVER" 2>/dev/null || true
  while kill -0 "$SERVER" 2>/dev/null; do wait "$SERVER" || true; done
  SERVER=
}

end_job() {
  [[ -n $JOB ]] || return 0
  kill -KILL -- "-$JOB" 2>/dev/null || true
  JOB=
}

# shut_down: ends the container, whatever it is doing.
shut_down() {
  trap '' INT TERM
  say "stopping"
  # This process holds the log's pipe open, and the reader below ends only when the pipe closes.
  [[ -z $RUNNING ]] || kill "$RUNNING" 2>/dev/null || true
  end_job
  stop_server
  close_log
  exit 0
}

prepare_container() {
  trap shut_down INT TERM
  mkdir -p "$RUN"
  rm -f "$RUN/status" "$RUN/since"
  container_start >"$RUN/started"
  # A server that was restored beside the primary does not belong to the stack.
  [[ -n ${RESTORED_BESIDE-} ]] || start_reports
  status starting
  lock_volume
}

# unhex VARIABLE HEX: sets it to the bytes. Anything but hexadecimal digits is refused.
unhex() {
  [[ $2 =~ ^([0-9a-f]{2})+$ ]] || return 1
  # shellcheck disable=SC2001 # bash 5.1 has no & in a replacement
  printf -v "$1" '%b' "$(sed 's/../\\x&/g' <<<"$2")"
}

# lookup QUERY: one row from the local server, through its socket, within 5 s.
lookup() {
  local database
  for database in "${LOCAL_DATABASES[@]}"; do
    if PGOPTIONS=$SESSION timeout 5 psql -XAtqw -F '|' -h "$SOCKETS" -U "$SUPERUSER" -d "$database" \
      -v ON_ERROR_STOP=1 -c "$1" 2>"$RUN/error"; then
      return 0
    fi
  done
  return 1
}
