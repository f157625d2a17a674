# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153 # state is shared between the files of one process
# What both roles share: status, log, lock, running one server as PID 1's child.
# The server is never PID 1 itself: as PID 1 it would adopt the children of killed `docker exec`s,
# and a postmaster that reaps a stranger killed by a signal restarts every backend.

RUN=/run/laterbase
ETC=/etc/laterbase
VOLUME=/var/lib/postgresql/$ROLE
SOCKETS=/run/pg/$ROLE
PGDATA=$VOLUME/data
SERVER=  # pid of the postmaster
RUNNING= # pid of what is being waited for
JOB=     # process group of a clone under way
LOG=     # descriptor that the server writes to

umask 077
export LC_ALL=C.UTF-8 PGCLIENTENCODING=UTF8 PGGSSENCMODE=disable PGTZ=UTC

say() { printf '%s laterbase: %s\n' "$(utc)" "$*" >&2; }
utc() { TZ=UTC printf '%(%Y-%m-%dT%H:%M:%SZ)T' -1; }

# status STATE [SENTENCE]: published by rename; `since` is that of the state, not of the sentence.
status() {
  local state=$1 detail=${2-} old='' since line
  : >"$RUN/alive"
  read -r old 2>/dev/null <"$RUN/status" || true
  if [[ $old == "{\"state\":\"$state\","* && $old =~ \"since\":\"([^\"]+)\"\}$ ]]; then
    since=${BASH_REMATCH[1]}
  else
    since=$(utc)
  fi
  line=$(printf '{"state":"%s","detail":"%s","since":"%s"}' "$state" "$(json_text "$detail")" "$since")
  [[ $line != "$old" ]] || return 0
  printf '%s\n' "$line" >"$RUN/status.new"
  mv -f "$RUN/status.new" "$RUN/status"
  # Figures change each second: the log wants the turns of the story only.
  if [[ ${line//[0-9A-F]/} != "${old//[0-9A-F]/}" ]]; then say "$state${detail:+: $detail}"; fi
}

# this_life: when PID 1 started, in ticks: what an earlier life of the container left behind has another.
this_life() { local -a field; read -ra field </proc/1/stat; printf '%s\n' "${field[21]}"; }

json_text() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"}
  printf '%s' "${text//[[:cntrl:]]/ }"
}

# pause SECONDS: ends at once for a signal, whose trap would wait for a foreground command to end. It
# reads from a pipe that nobody writes to, for a sleep would be a process each time, which replay feels.
pause() {
  [[ -n ${IDLE-} ]] || exec {IDLE}<> <(:)
  read -rt "$1" -u "$IDLE" || true
}

# run COMMAND…: in the background and waited for, so that signals are answered meanwhile.
run() {
  "$@" &
  RUNNING=$!
  wait "$RUNNING"
}

# Two containers on one volume would destroy it; PostgreSQL's own lock does not reach across pid namespaces.
# The server inherits the descriptor, so the lock lives as long as anything that could write.
lock_volume() {
  exec {VOLUME_LOCK}>"$VOLUME/.lock"
  until flock -n "$VOLUME_LOCK"; do
    status waiting "another container is using this data volume"
    pause 1
  done
}

# open_log [PATTERN FILE]: everything goes to the container's log, lines that match also to FILE.
open_log() {
  if (($#)); then
    # tee writes to the inherited descriptor: /dev/stderr cannot be opened by an unprivileged user.
    exec {LOG}> >(trap '' INT TERM; exec tee >(exec grep --line-buffered -E "$1" >>"$2") >&2)
    LOG_READER=$!
  else
    exec {LOG}>&2
  fi
}

# start_server ARGUMENT…
start_server() {
  # A pid file of a killed container may name the pid of anything here. The volume is locked,
  # so when no server process is left in this container the file is stale.
  grep -qxs postgres /proc/[0-9]*/comm || rm -f "$PGDATA/postmaster.pid"
  postgres -D "$PGDATA" "$@" >&"$LOG" 2>&1 &
  SERVER=$!
}

server_alive() { [[ -n $SERVER ]] && kill -0 "$SERVER" 2>/dev/null; }

# stop_server: fast; returns when it is gone.
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

# The container's end, from whatever was under way.
shut_down() {
  trap '' INT TERM
  say "stopping"
  # It holds the log's pipe open, and with it the reader that is waited for below.
  [[ -z $RUNNING ]] || kill "$RUNNING" 2>/dev/null || true
  end_job
  stop_server
  if [[ -n $LOG ]]; then
    exec {LOG}>&-
    [[ -z ${LOG_READER-} ]] || wait "$LOG_READER" 2>/dev/null || true
  fi
  exit 0
}

prepare_container() {
  trap shut_down INT TERM
  mkdir -p "$RUN"
  rm -f "$RUN/status"
  this_life >"$RUN/life"
  status starting
  lock_volume
}

# lookup QUERY: one row of the local server, by the local socket, never for long.
lookup() {
  timeout 5 psql -XAtqw -F '|' -h "$SOCKETS" -U "$SUPERUSER" -d "${LOCAL_DATABASE:-postgres}" \
    -v ON_ERROR_STOP=1 -c "$1" 2>"$RUN/error"
}
