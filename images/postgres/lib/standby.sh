# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153 # state is shared between the files of one process
# The standby's supervisor: gets a clone, keeps the server following its primary, and says where it stands.
# It heals what can be healed without losing anything and stops, loudly, before anything else.

LOCAL_DATABASE=template1 # the one database that every cluster has
SHORTEST=10 LONGEST=600  # seconds between attempts at a clone
BACKOFF=$SHORTEST
UNPROVEN= # a clone was made and has not streamed yet
EVENTS='could not (start WAL streaming|receive data from WAL stream|connect to the primary)|FATAL:|PANIC:'
WAL_GONE='could not receive data from WAL stream: .*[0-9A-F]{24}|no longer access replication slot'

# shellcheck source=upstream.sh
source "$LIB/upstream.sh"
# shellcheck source=order.sh
source "$LIB/order.sh"
# shellcheck source=follow.sh
source "$LIB/follow.sh"
# shellcheck source=attend.sh
source "$LIB/attend.sh"

run_standby() {
  prepare_container
  open_log "$EVENTS" "$RUN/events"
  tidy
  while :; do
    if [[ ! -d $PGDATA ]]; then
      obtain waiting
      swap
    fi
    wait_until_allowed
    begin "$(lasting_conninfo 60)" # as wal_sender_timeout, unless somebody has changed that
    attend
  done
}

# A stop may have come anywhere: data.verified is complete, data.new never is.
tidy() {
  run rm -rf "$VOLUME/data.new"
  if [[ -d $VOLUME/data.verified ]]; then
    swap
  elif [[ ! -d $PGDATA && -d $VOLUME/data.old ]]; then
    mv -T "$VOLUME/data.old" "$PGDATA"
  fi
}

# swap: data.verified becomes data. What last streamed is kept as data.old until the new data streams.
swap() {
  if [[ -d $PGDATA && -d $VOLUME/data.old ]]; then
    run rm -rf "$PGDATA"
  elif [[ -d $PGDATA ]]; then
    mv -T "$PGDATA" "$VOLUME/data.old"
  fi
  mv -T "$VOLUME/data.verified" "$PGDATA"
  sync "$VOLUME"
  UNPROVEN=1
}

# settle: the data streams, so the older copy has done its duty. It loses its name before its first file.
settle() {
  CAUGHT_UP=1 UNPROVEN='' BACKOFF=$SHORTEST
  [[ -d $VOLUME/data.old ]] || return 0
  say "the new clone streams: the old data is removed"
  mv -T "$VOLUME/data.old" "$VOLUME/data.new"
  run rm -rf "$VOLUME/data.new"
}

# reclone WHY: the old server answers reads until the new clone is proven.
reclone() {
  status recloning "$1"
  stop_following
  [[ -z $UNPROVEN ]] || back_off recloning "$1"
  obtain recloning
  stop_server
  swap
}

# obtain STATE: returns with a proven clone in data.verified.
obtain() {
  until clone_once "$1"; do
    back_off "$1" "$(cat "$RUN/clone-error" 2>/dev/null || echo 'the clone was killed')"
  done
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
  end_job # its children, when it was killed itself
  [[ -d $VOLUME/data.verified ]]
}

# await_primary STATE: until the right server answers.
await_primary() {
  local system='' timeline=0 end=0/0
  [[ ! -d $PGDATA ]] || read -r system timeline end <<<"$(position_at_rest)"
  until identify && judge "$system" "$timeline" "$end" && [[ -z $VERDICT ]]; do
    if [[ -n ${VERDICT-} ]]; then
      block
    else
      keep_serving
      status "$1" "$UPSTREAM_ERROR"
      pause 5
    fi
  done
}

# wait_until_allowed: data is only ever started under the primary that it belongs to. One that does
# not answer is no obstacle. A missing standby.signal means promoted by somebody: then it follows nobody.
wait_until_allowed() {
  local system timeline end
  [[ -e $PGDATA/standby.signal ]] || return 0
  read -r system timeline end <<<"$(position_at_rest)"
  VERDICT=
  while :; do
    if identify; then judge "$system" "$timeline" "$end"; fi
    [[ -n $VERDICT ]] || return 0
    block
  done
}

# block: says why, keeps everything as it is, looks again after a while.
block() {
  stop_server
  status blocked "$VERDICT"
  pause 30
}

# back_off STATE WHY: ends early when a clone that lacked room would have it now.
back_off() {
  local until=$((SECONDS + BACKOFF)) needs=
  status "$1" "$2; next attempt within $BACKOFF s"
  read -r needs 2>/dev/null <"$RUN/clone-needs" || true
  while ((SECONDS < until)); do
    keep_serving
    : >"$RUN/alive"
    pause 1
    if [[ -n $needs ]] && (($(df --output=avail -k "$VOLUME" | tail -n 1) >= needs)); then return 0; fi
  done
  BACKOFF=$((BACKOFF * 2 < LONGEST ? BACKOFF * 2 : LONGEST))
}

keep_serving() {
  [[ -d $PGDATA ]] || return 0
  server_alive || begin ''
}
