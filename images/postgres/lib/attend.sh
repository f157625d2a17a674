# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153 # state is shared between the files of one process
# Watching one run of the standby's server.

STALL=60 # seconds without progress while there is WAL to replay

# attend: returns when the server has to be started anew.
attend() {
  while :; do
    if [[ -n $CAUGHT_UP ]]; then rest; else pause 0.2; fi
    : >"$RUN/alive"
    if ! server_alive; then
      mourn
      return
    elif ! look; then
      status starting "$(sed -nE '1s/^(psql: )?.*(FATAL: *|error: )//p' "$RUN/error")"
    elif [[ $IN_RECOVERY != t ]]; then
      promoted
    elif [[ $PAUSED == t ]]; then
      paused || return 0
    elif stalled; then
      status stalled "replay stands at $REPLAY although WAL up to $RECEIVED is here"
    elif [[ $RECEIVER == streaming ]]; then
      streaming
    else
      cut_off || return 0
    fi
  done
}

# rest: a look costs a psql, which replay feels every time; the log tells of trouble sooner.
rest() {
  local i
  for ((i = 0; i < 15; i++)); do
    pause 2
    if [[ -s $RUN/events ]] || ! server_alive; then return 0; fi
  done
}

# mourn: the server ended by itself. Its data is consistent; a crash loop gets slower, not louder.
mourn() {
  local code=0
  wait "$SERVER" || code=$?
  SERVER=
  if ((SECONDS - STARTED > 60)); then CRASHES=0; fi
  CRASHES=$((${CRASHES:-0} + 1))
  status starting "the server ended by itself (exit $code)$(last_event)"
  pause $((CRASHES < 30 ? CRASHES : 30))
}

# PostgreSQL 14 and newer pause when the primary raised a setting; 13 shuts down and is met by mourn.
paused() {
  if ! too_low; then
    status stalled "replay is paused on this standby"
    return 0
  fi
  status starting "the primary raised its settings: starting again with them"
  stop_server
  return 1
}

# promoted: by somebody, who has to know whether it may be written to. Looked at again now and then.
promoted() {
  CAUGHT_UP=1
  [[ ! -f $ETC/order.json ]] || publish_order
  caution
  status running "promoted: this server follows nobody$CAUTION"
}

stalled() {
  if (($(lsn "$RECEIVED") <= $(lsn "$REPLAY"))); then ADVANCED=$SECONDS; fi
  ((SECONDS - ADVANCED > STALL + DELAY))
}

streaming() {
  CUT_OFF=
  [[ ! -s $RUN/events ]] || : >"$RUN/events"
  : "${GOAL:=$END}"
  if [[ -z $CAUGHT_UP ]]; then
    if (($(lsn "$REPLAY") < $(lsn "$GOAL"))); then
      status starting "catching up: $((($(lsn "$GOAL") - $(lsn "$REPLAY")) >> 20)) MB to go"
      return
    fi
    settle
  fi
  caution
  status running "streaming from $PRIMARY_HOST:$PRIMARY_PORT, replayed to $REPLAY$CAUTION"
}

# cut_off: no stream. Why, and can it be mended? False when the server has to be started anew.
cut_off() {
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
  judge "$SYSTEM" "$LAST_TIMELINE" "$REPLAY"
  if [[ -n $VERDICT ]]; then
    block
    return 1
  fi
  if (($(grep -cE "$WAL_GONE" "$RUN/events") >= 2)); then
    reclone "the primary no longer has the WAL that follows $REPLAY"
    return 1
  fi
  if grep -q 'could not start WAL streaming' "$RUN/events"; then ensure_slot || true; fi
  if ((SECONDS - CUT_OFF > 10 && SECONDS - ${UNREACHED:--99} > 10)); then
    status stalled "no stream since $SINCE although the primary answers$(last_event)"
  fi
}

last_event() {
  local line
  line=$(tail -n 1 "$RUN/events" 2>/dev/null)
  [[ -z $line ]] || printf ': %s' "${line##*\] }"
}
