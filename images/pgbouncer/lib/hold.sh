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
  keep_pools 0
  settle
  trap 'kill "${waits[@]}" 2>/dev/null; release; exit 1' TERM
  pause_entries "$seconds" "${names[@]}"
  ((${#late[@]} == 0)) || refuse_hold "$seconds" "${late[@]}"
  # New sessions wait too; for those that are open nobody waits. Last, because PAUSE answers only
  # when every paused database is at rest.
  pause_entries 1 "${sessions[@]}"
  trap - TERM
  rm -f "$RUN/hold.pid"
  echo "held: ${names[*]}"
}

# settle: a connection that PAUSE meets in its login would count as a login that failed.
settle() {
  local i
  for ((i = 0; i < 20; i++)); do
    console 5 'SHOW POOLS' | columns sv_login | grep -qv '^0$' || return 0
    pause 0.05
  done
}

# pause_entries SECONDS NAME…: all at once, so that the slowest counts, and not their sum; sets `late`.
pause_entries() {
  local seconds=$1 name i
  shift
  waits=()
  for name; do
    # Without the lock: one that outlives this would keep it.
    console "$seconds" "PAUSE $(quoted "$name")" >/dev/null 2>&1 {LOCK}>&- &
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

# refuse_hold SECONDS NAME…: nobody is kept waiting for a transaction that may take hours. PAUSE answers for
# all together, so it is the oldest transaction that tells which of them was busy.
refuse_hold() {
  local seconds=$1 since='' name=$2 why="a transaction has been open for longer than that"
  shift
  IFS=$'\t' read -r since name < <(console 5 'SHOW SERVERS' 2>/dev/null | columns database state request_time |
    awk -F '\t' -v OFS='\t' -v names="$(printf '%s\t' "$@")" '
      BEGIN { n = split(names, one, "\t"); for (i = 1; i <= n; i++) late[one[i]] = 1 }
      $2 == "active" && $1 in late { print $3, $1 }' | sort | head -n 1) || name=$1
  if [[ -n $since ]] && since=$(date -d "$since" +%s 2>/dev/null); then
    why="its oldest transaction has been open for at least $(($(printf '%(%s)T' -1) - since)) s"
  fi
  rm -f "$RUN/hold.pid"
  release
  fail "the database $(quoted "$name") could not be held within $seconds s: $why"
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
  keep_pools 1
}

interrupt_hold() {
  local holder
  if read -r holder 2>/dev/null <"$RUN/hold.pid"; then kill "$holder" 2>/dev/null || true; fi
}
