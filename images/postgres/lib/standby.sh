# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153 # state is shared between the files of one process
# The standby's supervisor: gets a clone, keeps the server following its primary and publishes its
# status. It repairs what it can repair without losing data. In every other case it stops and says why.

SHORTEST=10 LONGEST=600  # seconds between attempts at a clone
HOPELESS=21600           # after three attempts that ended in the same way
BACKOFF=$SHORTEST
UNPROVEN= # set from the moment a new clone is in place until it has streamed
# Lines of the server's own log, which it writes in English (lc_messages = 'C'). They decide, because no
# view and no code says why a stream ended, and the replication role may send the primary no query, so it
# cannot read pg_replication_slots.
# Only lines of the server itself count: a client could send the same words, or a line break with a whole
# line after it, as the name of a role. So the prefix has no name, and PostgreSQL indents the later lines of a
# message by a tab.
EVENTS='^[0-9][^[]*\[[0-9]+\] (walreceiver|startup|postmaster|checkpointer|background writer) [0-9A-Z]{5} .*(could not (start WAL streaming|receive data from WAL stream|connect to the primary)|FATAL:|PANIC:|consistent recovery state reached)'
CONSISTENT='consistent recovery state reached'
LOG_PREFIX='%m [%p] %b %e %q%h '
WAL_GONE='could not receive data from WAL stream: .*[0-9A-F]{24}|no longer access replication slot'

# shellcheck source=upstream.sh
source "$LIB/upstream.sh"
# shellcheck source=collation.sh
source "$LIB/collation.sh"
# shellcheck source=libraries.sh
source "$LIB/libraries.sh"
# shellcheck source=follow.sh
source "$LIB/follow.sh"
# shellcheck source=supervise.sh
source "$LIB/supervise.sh"
# shellcheck source=rebuild.sh
source "$LIB/rebuild.sh"

run_standby() {
  prepare_container
  open_log "$EVENTS" "$RUN/events"
  recover_volume
  while :; do
    if [[ ! -d $PGDATA ]]; then
      clone_until_done waiting
      swap_in_clone
    elif rebuild_wanted; then
      rebuild
    fi
    wait_until_compatible
    # Data that belong to another cluster must not follow this primary.
    if rebuild_wanted; then continue; fi
    start_standby "$(lasting_conninfo 60)" # 60 s is also the default of wal_sender_timeout
    supervise
  done
}

# recover_volume: the container may have stopped at any moment. data.verified is always complete,
# data.new never is.
recover_volume() {
  run rm -rf "$VOLUME/data.new"
  # A clone from before a restore holds rows that were undone since.
  ! rebuild_discards || run rm -rf "$VOLUME/data.verified"
  if [[ -d $VOLUME/data.verified ]]; then
    swap_in_clone
  elif [[ ! -d $PGDATA && -d $VOLUME/data.old ]]; then
    mv -T "$VOLUME/data.old" "$PGDATA"
  fi
}

# swap_in_clone: data.verified becomes data. The data that last streamed stays as data.old until the
# new data streams. A server that a person promoted while its clone was made keeps its data instead.
swap_in_clone() {
  if promoted && [[ $(cat "$REBUILD" 2>/dev/null) != promoted ]]; then
    say "this server was promoted meanwhile: it keeps its data, and the new clone is removed"
    mv -T "$VOLUME/data.verified" "$VOLUME/data.new"
    rm -f "$REBUILD" "$RUN/clone-failures"
    run rm -rf "$VOLUME/data.new"
    return 0
  fi
  if [[ -d $PGDATA && -d $VOLUME/data.old ]]; then
    run rm -rf "$PGDATA"
  elif [[ -d $PGDATA ]]; then
    mv -T "$PGDATA" "$VOLUME/data.old"
  fi
  mv -T "$VOLUME/data.verified" "$PGDATA"
  rm -f "$REBUILD" "$RUN/clone-failures"
  sync "$VOLUME"
  UNPROVEN=1
}

# drop_old_data: the new data streams, so the old data is no longer needed. It is renamed before its
# first file is deleted: an interrupted deletion leaves a data.new, which is never used.
drop_old_data() {
  CAUGHT_UP=1 UNPROVEN='' BACKOFF=$SHORTEST
  [[ -d $VOLUME/data.old ]] || return 0
  say "the new clone streams: the old data is removed"
  mv -T "$VOLUME/data.old" "$VOLUME/data.new"
  run rm -rf "$VOLUME/data.new"
}

# reclone WHY: the old server answers reads until the new clone is verified.
reclone() {
  status recloning "$1"
  stop_following
  [[ -z $UNPROVEN ]] || back_off recloning "$1"
  clone_until_done recloning
  stop_server
  swap_in_clone
}

# clone_until_done STATE: returns with a verified clone in data.verified.
clone_until_done() {
  local why reached last='' equal=0
  until clone_once "$1"; do
    echo >>"$RUN/clone-failures"
    why=$(cat "$RUN/clone-error" 2>/dev/null || echo 'the clone was killed')
    # A copy that ends three times at the same place for the same reason makes no progress: a file on the
    # primary that its server cannot read, for example. One that a network cuts ends elsewhere each time.
    reached=$(cat "$RUN/clone-reached" 2>/dev/null) || reached=
    if [[ -n $reached && "$reached: $why" == "$last" ]]; then equal=$((equal + 1)); else equal=1; fi
    last="$reached: $why"
    if ((equal < 3)) || transient "$why"; then
      back_off "$1" "$why"
    else
      give_in "$why"
    fi
  done
}

# transient WHY: pg_basebackup got no connection, or lost it. libpq says so in English (LC_ALL).
transient() {
  [[ $1 =~ ^(FATAL|connection to server|could not connect) ||
    $1 =~ (server closed the connection|SSL SYSCALL error|could not receive data from server) ]]
}

# give_in WHY: stops trying, for long. A restart of the container tries at once.
give_in() {
  BACKOFF=$HOPELESS
  back_off blocked "three attempts at a clone ended in the same way: $1. Correct that on the primary ('npm run laterbase -- preflight' looks for the cause), then restart this container"
}

clone_once() {
  local phase=$1
  await_primary "$1"
  [[ $phase == recloning ]] || phase=cloning
  rm -f "$RUN/clone-error"
  setsid bash "$LIB/clone.sh" "$phase" &
  JOB=$!
  while kill -0 "$JOB" 2>/dev/null; do
    : >"$RUN/alive"
    keep_serving
    sleep 1 &
    RUNNING=$!
    wait -n "$JOB" "$RUNNING" || true
  done
  end_job # if the clone itself was killed, its children still run
  [[ -d $VOLUME/data.verified ]]
}

# await_primary STATE: returns when the right server answers.
await_primary() {
  local system='' timeline=0 end=0/0
  [[ ! -d $PGDATA ]] || rebuild_wanted || read -r system timeline end <<<"$(position_at_rest)"
  until MISMATCH='' && identify && compare_with_upstream "$system" "$timeline" "$end" && [[ -z $MISMATCH ]]; do
    if [[ -n $MISMATCH ]]; then
      block
    else
      keep_serving
      status "$1" "$UPSTREAM_ERROR"
      pause 5
    fi
  done
}

# wait_until_compatible: the server only starts when the primary is the one that the data belongs to.
# A primary that does not answer does not prevent the start. Data without standby.signal was promoted
# by a person and follows no primary.
wait_until_compatible() {
  local system timeline end
  [[ -e $PGDATA/standby.signal ]] || return 0
  read -r system timeline end <<<"$(position_at_rest)"
  MISMATCH=
  while :; do
    if identify; then compare_with_upstream "$system" "$timeline" "$end"; fi
    [[ -n $MISMATCH ]] || return 0
    block
    ! rebuild_wanted || return 0
  done
}

# block: stops the server, says why, and changes nothing. Returns after 30 s for the next look, or when a
# person asks for a new clone.
block() {
  local i
  stop_server
  status blocked "$MISMATCH"
  for ((i = 0; i < 15; i++)); do
    pause 2
    ! rebuild_wanted || return 0
  done
}

# back_off STATE WHY: waits before the next attempt. A clone that lacked room is tried again as soon
# as there is room.
back_off() {
  local until=$((SECONDS + BACKOFF)) needs=
  status "$1" "$2; next attempt within $BACKOFF s"
  read -r needs 2>/dev/null <"$RUN/clone-needs" || true
  while ((SECONDS < until)); do
    keep_serving
    : >"$RUN/alive"
    pause 1
    # A person asked for a new clone meanwhile.
    if ((BACKOFF == HOPELESS)) && [[ ! -e $RUN/clone-failures ]]; then break; fi
    if [[ -n $needs ]] && (($(df --output=avail -k "$VOLUME" | tail -n 1) >= needs)); then return 0; fi
  done
  BACKOFF=$((BACKOFF * 2 < LONGEST ? BACKOFF * 2 : LONGEST))
}

# keep_serving: the data here answer reads, unless nobody may read them again.
keep_serving() {
  [[ -d $PGDATA ]] || return 0
  server_alive || rebuild_discards || start_standby ''
}
