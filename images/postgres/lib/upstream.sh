# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153 # state is shared between the files of one process
# What the standby asks its primary. It needs no more than the replication role.
# Nothing here parses the primary's messages, because they come in the primary's language.

# shellcheck source=control.sh
source "$LIB/control.sh"

conninfo_value() {
  local value=${1//\\/\\\\}
  printf "'%s'" "${value//\'/\\\'}"
}

# Keepalives, because a primary that falls asleep closes no connection, and a clone would wait for hours.
conninfo() {
  printf 'host=%s port=%s user=%s dbname=replication passfile=%s application_name=%s ' \
    "$(conninfo_value "$PRIMARY_HOST")" "$PRIMARY_PORT" "$(conninfo_value "$REPLICATION_USER")" \
    "$ETC/pgpass" "$(conninfo_value "$STANDBY_NAME")"
  printf 'keepalives_idle=30 keepalives_interval=10 keepalives_count=3 tcp_user_timeout=30000'
}

# lasting_conninfo SECONDS: for a stream or a copy. The primary also ends the connection when the standby
# has been gone for so long, and no setting of the primary ends it earlier. wal_sender_timeout does not do that
# alone: on 13, a WAL sender that is asked to end during a send waits 15 minutes for the network. The
# checkpoint that invalidates its slot waits too and removes no WAL meanwhile, whatever max_slot_wal_keep_size
# says.
# macOS has no TCP_USER_TIMEOUT: its server logs a warning and goes on. There, keepalives also end a
# connection with unacknowledged data; on Linux only the timeout does.
lasting_conninfo() {
  conninfo
  printf " options='-c tcp_user_timeout=%d -c tcp_keepalives_idle=%d -c tcp_keepalives_interval=10 %s'" \
    $(($1 * 1000)) $(($1 / 2)) "-c tcp_keepalives_count=$(($1 / 20)) -c wal_sender_timeout=$(($1 * 1000))"
}

# ask COMMAND…: the answers are in $RUN/answer; on failure UPSTREAM_ERROR is one sentence.
ask() {
  local command arguments=()
  for command; do arguments+=(-c "$command"); done
  if run timeout 15 psql -XAtqw -F '|' -v ON_ERROR_STOP=1 -v VERBOSITY="${VERBOSITY-default}" "${arguments[@]}" \
    "$(conninfo) replication=true connect_timeout=5" >"$RUN/answer" 2>"$RUN/error"; then
    return 0
  fi
  UPSTREAM_ERROR=$(head -n 1 "$RUN/error")
  UPSTREAM_ERROR=${UPSTREAM_ERROR#psql: }
  UPSTREAM_ERROR=${UPSTREAM_ERROR#error: }
  [[ -n $UPSTREAM_ERROR ]] || UPSTREAM_ERROR="$PRIMARY_HOST:$PRIMARY_PORT does not answer"
  return 1
}

# identify: which server answers? Sets UP_SYSTEM, UP_TIMELINE, UP_LSN, UP_MAJOR and UPSTREAM_SETTINGS.
identify() {
  local answer
  ask IDENTIFY_SYSTEM 'SHOW server_version_num' "${MINIMUM_SETTINGS[@]/#/SHOW }" || return 1
  mapfile -t answer <"$RUN/answer"
  IFS='|' read -r UP_SYSTEM UP_TIMELINE UP_LSN _ <<<"${answer[0]}"
  # Bash evaluates what is not a number.
  if ! [[ "$UP_SYSTEM $UP_TIMELINE ${answer[1]}" =~ ^[0-9]+\ [0-9]+\ [0-9]+$ ]]; then
    UPSTREAM_ERROR="the answer of $PRIMARY_HOST:$PRIMARY_PORT is not that of a PostgreSQL server"
    return 1
  fi
  UP_MAJOR=$((answer[1] / 10000))
  UPSTREAM_SETTINGS=("${answer[@]:2}")
}

# compare_with_upstream SYSTEM TIMELINE LSN: sets MISMATCH to the reason why data with that position must
# not follow the server that answered `identify`. It is empty when the data may follow. SYSTEM is empty
# when there is no data yet.
compare_with_upstream() {
  MISMATCH=
  local at=$PRIMARY_HOST:$PRIMARY_PORT fork
  if ((UP_MAJOR != PG_MAJOR)); then
    MISMATCH="the server at $at runs PostgreSQL $UP_MAJOR, this standby is made for $PG_MAJOR"
  elif [[ -z $1 ]]; then
    return 0
  elif [[ $UP_SYSTEM != "$1" ]]; then
    MISMATCH="the server at $at has system identifier $UP_SYSTEM, the data here belongs to $1: another cluster"
  elif ((UP_TIMELINE < $2)); then
    MISMATCH="the server at $at is on timeline $UP_TIMELINE, the data here already on timeline $2"
  elif ((UP_TIMELINE == $2)); then
    (($(lsn "$UP_LSN") >= $(lsn "$3"))) ||
      MISMATCH="the WAL of the server at $at ends at $UP_LSN, the data here is already at $3: that server was set back"
    [[ -n $MISMATCH ]] || (($2 == 1)) || ! ask "TIMELINE_HISTORY $2" || came_alike "$2" ||
      MISMATCH="timeline $2 of the server at $at began at another point than that of the data here: it was undone, and a restore opened it again"
  elif ask "TIMELINE_HISTORY $UP_TIMELINE"; then
    fork=$(fork_point "$2")
    if ! came_alike "$2"; then
      MISMATCH="timeline $UP_TIMELINE of the server at $at came by another timeline $2 than that of the data here"
    elif [[ -z $fork ]]; then
      MISMATCH="timeline $UP_TIMELINE of the server at $at does not descend from timeline $2 of the data here"
    elif (($(lsn "$fork") < $(lsn "$3"))); then
      MISMATCH="timeline $UP_TIMELINE of the server at $at left timeline $2 at $fork, the data here is already at $3"
    fi
  fi
}

# fork_point TIMELINE: the LSN at which the history in $RUN/answer left that timeline.
fork_point() {
  local line
  while IFS= read -r line; do
    if [[ ${line#*.history|} =~ ^[[:space:]]*$1[[:space:]]+([0-9A-F]+/[0-9A-F]+) ]]; then
      printf '%s' "${BASH_REMATCH[1]}"
      return 0
    fi
  done <"$RUN/answer"
}

# came_alike TIMELINE: whether the history in $RUN/answer begins as that of the data here, which are on that timeline. A
# restore that is undone leaves its number to the next one. Without a history here nobody can say, and it is true.
came_alike() {
  local file own
  printf -v file '%s/pg_wal/%08X.history' "$PGDATA" "$1"
  [[ -s $file ]] || return 0
  own=$(forks <"$file")
  [[ $(forks <"$RUN/answer")$'\n' == "${own:+$own$'\n'}"* ]]
}

# forks: of a history, each timeline that was left, with the LSN.
forks() { sed -nE 's/^([0-9A-F]{8}\.history\|)?[[:space:]]*([0-9]+)[[:space:]]+([0-9A-F]+\/[0-9A-F]+).*/\2 \3/p'; }

# lsn TEXT: as a number. Bash would evaluate what is not one.
lsn() {
  [[ $1 =~ ^[0-9A-F]+/[0-9A-F]+$ ]] || set -- 0/0
  printf '%d' $(((16#${1%/*} << 32) + 16#${1#*/}))
}

# ensure_slot: makes the slot if it is missing, and logs that. 42710: it already exists.
ensure_slot() {
  if VERBOSITY=sqlstate ask "CREATE_REPLICATION_SLOT \"$SLOT\" PHYSICAL RESERVE_WAL"; then
    say "slot $SLOT did not exist on the primary: made"
  elif ! grep -q 42710 "$RUN/error"; then
    return 1
  fi
}

# renew_slot: drops the slot and makes it again, because a slot whose WAL is gone cannot be used again.
# 42704: it does not exist; 55006: it is in use.
renew_slot() {
  VERBOSITY=sqlstate ask "DROP_REPLICATION_SLOT \"$SLOT\"" || grep -q 42704 "$RUN/error" || {
    ! grep -q 55006 "$RUN/error" || UPSTREAM_ERROR="slot $SLOT is in use by another standby"
    return 1
  }
  ask "CREATE_REPLICATION_SLOT \"$SLOT\" PHYSICAL RESERVE_WAL"
}

# read_control reads pg_controldata of the data directory; control FIELD prints one field of it.
read_control() { CONTROL=$(pg_controldata -D "$PGDATA"); }
control() {
  [[ $CONTROL =~ (^|$'\n')"$1":\ *([^$'\n']*) ]] || return 0
  printf '%s' "${BASH_REMATCH[2]}"
}

# position_at_rest: SYSTEM TIMELINE LSN of the data directory. Timeline and LSN come from the same place.
position_at_rest() {
  local timeline end
  read_control
  timeline=$(control "Min recovery ending loc's timeline")
  end=$(control 'Minimum recovery ending location')
  if ((timeline == 0)); then
    timeline=$(control "Latest checkpoint's TimeLineID")
    end=$(control 'Latest checkpoint location')
  fi
  printf '%s %s %s' "$(control 'Database system identifier')" "$timeline" "$end"
}
