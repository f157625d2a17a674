# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153 # state is shared between the files of one process
# Watches one run of the standby's server.

STALL=60   # seconds without progress while there is WAL to replay
COUNT=3600 # seconds between counts of the text indexes that were not checked

# supervise: returns when the server has to be started again.
supervise() {
  while :; do
    if [[ -n $CAUGHT_UP ]]; then wait_for_events; else pause 0.2; fi
    : >"$RUN/alive"
    if rebuild_wanted; then return 0; fi
    if ! server_alive; then
      on_server_exit
      return
    elif ! observe; then
      status starting "$(why_closed)"
    elif [[ $IN_RECOVERY != t ]]; then
      on_promoted
    elif [[ $PAUSED == t ]]; then
      on_replay_paused || return 0
    elif stalled; then
      status stalled "replay stands at $REPLAY although WAL up to $RECEIVED is here"
    elif [[ $RECEIVER == streaming ]]; then
      on_streaming
    else
      on_cut_off || return 0
    fi
  done
}

# wait_for_events: up to 30 s. Each observation starts a psql, which slows replay down; an error in the
# server's log ends the wait early.
wait_for_events() {
  local i
  for ((i = 0; i < 15; i++)); do
    pause 2
    if [[ -s $RUN/events ]] || ! server_alive || rebuild_wanted; then return 0; fi
  done
}

# why_closed: a standby whose data is consistent opens within seconds, unless a transaction has more savepoints
# than the primary lists one by one.
why_closed() {
  local answer=0
  # 1: the server accepts no logins at the moment.
  pg_isready -q -t 3 -h "$SOCKETS" || answer=$?
  if ((answer == 1 && SECONDS - STARTED > 20)) && grep -q "$CONSISTENT" "$RUN/events"; then
    echo "its data is consistent, and it cannot open while a transaction with more than 64 savepoints runs on the primary: 'npm run laterbase -- preflight' names that transaction"
  else
    sed -nE '1s/^(psql: )?.*(FATAL: *|error: )//p' "$RUN/error"
  fi
}

# on_server_exit: the server ended by itself. Its data is consistent, so it may start again; the more
# crashes in a row, the longer the pause before the next start. Three crashes for the same reason are no
# progress: then a person has to know.
on_server_exit() {
  local code=0 why
  wait "$SERVER" || code=$?
  SERVER=
  if ((SECONDS - STARTED > 60)); then CRASHES=0 SAME_CRASHES=0; fi
  CRASHES=$((${CRASHES:-0} + 1))
  why="the server ended by itself (exit $code)$(last_event)"
  # Numbers, such as positions in the WAL, differ each time.
  if [[ ${why//[0-9A-F]/} == "${LAST_CRASH-}" ]]; then SAME_CRASHES=$((SAME_CRASHES + 1)); else SAME_CRASHES=1; fi
  LAST_CRASH=${why//[0-9A-F]/}
  if ((SAME_CRASHES < 3)); then status starting "$why"; else status blocked "$why"; fi
  pause $((CRASHES < 30 ? CRASHES : 30))
}

# on_replay_paused: PostgreSQL 14 and newer pause replay when the primary raised a setting; 13 shuts
# down instead, which on_server_exit handles. False when the server has to be started again.
on_replay_paused() {
  if ! settings_too_low; then
    status stalled "replay is paused on this standby"
    return 0
  fi
  status starting "the primary raised its settings: starting again with them"
  stop_server
  return 1
}

# on_promoted: a person promoted this server and has to know whether it may be written to. That can
# change, so it is looked up again each time.
on_promoted() {
  CAUGHT_UP=1
  [[ ! -f $ETC/collation.json ]] || publish_collation
  read_collation_note
  read_libraries_note
  status running "promoted: this server follows no primary$COLLATION_NOTE$LIBRARIES_NOTE"
}

stalled() {
  if (($(lsn "$RECEIVED") <= $(lsn "$REPLAY"))); then ADVANCED=$SECONDS; fi
  ((SECONDS - ADVANCED > STALL + DELAY))
}

on_streaming() {
  CUT_OFF=
  [[ ! -s $RUN/events ]] || : >"$RUN/events"
  : "${GOAL:=$END}"
  if [[ -z $CAUGHT_UP ]]; then
    if (($(lsn "$REPLAY") < $(lsn "$GOAL"))); then
      status starting/catching-up "catching up: $((($(lsn "$GOAL") - $(lsn "$REPLAY")) >> 20)) MB to go"
      return
    fi
    drop_old_data
  fi
  count_indexes
  read_collation_note
  read_libraries_note
  status running "streaming from $PRIMARY_HOST:$PRIMARY_PORT, replayed to $REPLAY$COLLATION_NOTE$LIBRARIES_NOTE"
}

# count_indexes: an index that was added or dropped on the primary changes the verdict without an `up`.
count_indexes() {
  [[ -f $ETC/collation.json ]] && ((SECONDS - ${COUNTED:=$SECONDS} >= COUNT)) || return 0
  COUNTED=$SECONDS
  timeout 300 laterbase-collation refresh >/dev/null 2>&1 &
}

# on_cut_off: nothing streams. Finds out why and repairs what can be repaired. False when the server
# has to be started again.
on_cut_off() {
  if [[ -z $CUT_OFF ]]; then
    CUT_OFF=$SECONDS
    SINCE=$(utc)
  fi
  if ((SECONDS - CUT_OFF < 2 || SECONDS - ASKED < 5)); then return 0; fi
  ASKED=$SECONDS
  if ! identify; then
    UNREACHED=$SECONDS
    status degraded "cut off from the primary since $SINCE: $UPSTREAM_ERROR"
    return 0
  fi
  compare_with_upstream "$SYSTEM" "$LAST_TIMELINE" "$REPLAY"
  if [[ -n $MISMATCH ]]; then
    block
    return 1
  fi
  if (($(grep -cE "$WAL_GONE" "$RUN/events") >= 2)); then
    reclone "the primary no longer has the WAL that follows $REPLAY"
    return 1
  fi
  # A missing slot is one reason why nothing streams, and one that exists is left alone.
  ensure_slot || true
  if ((SECONDS - CUT_OFF > 10 && SECONDS - ${UNREACHED:--99} > 10)); then
    status stalled "no stream since $SINCE although the primary answers$(last_event)"
  fi
}

last_event() {
  local line
  line=$(grep -v "$CONSISTENT" "$RUN/events" 2>/dev/null | tail -n 1)
  [[ ! $line =~ ^[^[]*\[[0-9]+\]\ [a-z\ ]+\ [0-9A-Z]{5}\ (.*)$ ]] || printf ': %s' "${BASH_REMATCH[1]}"
}
