# shellcheck shell=bash
# Holding clients: PAUSE lets transactions end and keeps the next ones waiting, without an error.

# hold SECONDS LEASE [primary|all]: the entries of the primary, or of both servers. Should nobody
# release them, the supervisor does so after LEASE seconds.
hold() {
  local seconds=$1 lease=$2 which=${3:-primary} names=() sessions=() late=()
  [[ $seconds =~ ^[1-9][0-9]*$ && $lease =~ ^[1-9][0-9]*$ ]] || fail "hold needs two numbers of seconds"
  mapfile -t names < <(holdable transaction "$which")
  mapfile -t sessions < <(holdable session "$which")
  if ((${#names[@]} == 0)) || ! console 5 'SHOW VERSION' >/dev/null 2>&1; then
    echo "there is nothing to hold"
    return 0
  fi
  # Written first: what is held half-way must end as well.
  printf '%s\n' "$(($(printf '%(%s)T' -1) + seconds + lease))" "${names[@]}" "${sessions[@]}" >"$RUN/hold.new"
  mv -f "$RUN/hold.new" "$RUN/hold"
  printf '%s\n' "$$" >"$RUN/hold.pid"
  trap 'kill "${waits[@]}" 2>/dev/null; release; exit 1' TERM
  pause_entries "$seconds" "${names[@]}"
  ((${#late[@]} == 0)) || refuse_hold "$seconds" "${late[0]}"
  # New sessions wait too; for those that are open nobody waits. Last, because PAUSE answers only
  # when every paused database is at rest.
  pause_entries 1 "${sessions[@]}"
  trap - TERM
  rm -f "$RUN/hold.pid"
  echo "held: ${names[*]}"
}

# pause_entries SECONDS NAME…: all at once, so that the slowest counts, and not their sum; sets `late`.
pause_entries() {
  local seconds=$1 name i
  shift
  waits=()
  for name; do
    console "$seconds" "PAUSE $(quoted "$name")" >/dev/null 2>&1 &
    waits+=($!)
  done
  late=()
  for ((i = 1; i <= $#; i++)); do wait "${waits[i - 1]}" || late+=("${!i}"); done
}

# holdable MODE WHICH: the entries in that mode, of the primary or of both servers.
holdable() {
  local line
  [[ -e $CURRENT/entries ]] || return 0
  while IFS= read -r line; do
    [[ $2 == all || $line == "$2"$'\t'* ]] || continue
    line=${line#*$'\t'}
    [[ $line == "$1"$'\t'* ]] || continue
    line=${line#*$'\t'}
    printf '%s\n' "${line#*$'\t'}"
  done <"$CURRENT/entries"
}

# refuse_hold SECONDS NAME: nobody is kept waiting for a transaction that may take hours.
refuse_hold() {
  local since why="its oldest transaction has been open for longer than that"
  since=$(console 5 'SHOW SERVERS' 2>/dev/null | columns database state request_time |
    awk -F '\t' -v name="$2" '$1 == name && $2 == "active" { print $3 }' | sort | head -n 1) || true
  if [[ -n $since ]] && since=$(date -d "$since" +%s 2>/dev/null); then
    why="its oldest transaction has been open for at least $(($(printf '%(%s)T' -1) - since)) s"
  fi
  rm -f "$RUN/hold.pid"
  release
  fail "the database $(quoted "$2") could not be held within $1 s: $why"
}

# release: those that were held go on; harmless when none is.
release() {
  local names=() name paused
  [[ -e $RUN/hold ]] || return 0
  mapfile -t names < <(tail -n +2 "$RUN/hold")
  paused=$(console 10 'SHOW DATABASES' | columns name paused) || fail "PgBouncer does not answer: its clients are still held"
  for name in "${names[@]}"; do
    [[ $'\n'$paused$'\n' == *$'\n'"$name"$'\t1\n'* ]] || continue
    console 10 "RESUME $(quoted "$name")" >/dev/null || fail "the database $(quoted "$name") could not be released"
  done
  rm -f "$RUN/hold"
}

interrupt_hold() {
  local holder
  if read -r holder 2>/dev/null <"$RUN/hold.pid"; then kill "$holder" 2>/dev/null || true; fi
}
