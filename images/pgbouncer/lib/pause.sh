# shellcheck shell=bash
# A pause: PgBouncer lets transactions end and makes the next ones wait, without an error.

# pause SECONDS LEASE [primary|all]: pauses the entries of the primary, or of both servers. Without a
# resume, the supervisor resumes them after LEASE seconds.
pause() {
  local seconds=$1 lease=$2 which=${3:-primary} names=() sessions=() late=()
  [[ $seconds =~ ^[1-9][0-9]*$ && $lease =~ ^[1-9][0-9]*$ ]] || fail "pause needs two numbers of seconds"
  mapfile -t names < <(entries_in transaction "$which")
  mapfile -t sessions < <(entries_in session "$which")
  if ((${#names[@]} == 0)) || ! console 5 'SHOW VERSION' >/dev/null 2>&1; then
    echo '{"paused":false}'
    return 0
  fi
  # Written first, so that an interrupted pause ends too.
  printf '%s\n' "$(($(printf '%(%s)T' -1) + seconds + lease))" "${names[@]}" "${sessions[@]}" >"$RUN/pause.new"
  mv -f "$RUN/pause.new" "$RUN/pause"
  printf '%s\n' "$$" >"$RUN/pause.pid"
  trap 'kill "${waits[@]}" 2>/dev/null; resume; exit 1' TERM
  narrow
  await_logins
  keep_pools 0
  pause_entries "$seconds" "${names[@]}"
  widen
  ((${#late[@]} == 0)) || refuse_pause "$seconds" "${late[@]}"
  # New sessions wait too. Open ones go on, without a wait for their end. This comes last, because PAUSE
  # answers only when no paused database has a client.
  pause_entries 1 "${sessions[@]}"
  trap - TERM
  rm -f "$RUN/pause.pid"
  echo '{"paused":true}'
}

# narrow: a pool that has a connection opens no other one. PAUSE makes a connection fail that is in its login, and
# later PgBouncer lets clients of that pool fail too ("server login has been failing").
narrow() {
  sed -nE '1,/^\[pgbouncer\]/ s/ pool_size=[0-9]+ (max_db_connections=[0-9]+)$/ pool_size=1 \1/p' "$CURRENT/$INI" |
    sed '1i [databases]' >"$NARROW.new"
  mv -f "$NARROW.new" "$NARROW"
  console 5 RELOAD >/dev/null 2>&1 || true
  keep_pools 1
}

# widen: ends `narrow`. The clients may be paused then.
widen() {
  [[ -s $NARROW ]] || return 0
  : >"$NARROW"
  console 5 RELOAD >/dev/null 2>&1 || true
}

# await_logins: waits until each pool with clients has a connection and none is in its login, a few seconds at most,
# because a server may be away.
await_logins() {
  local i
  for ((i = 0; i < 40; i++)); do
    if console 5 'SHOW POOLS' | columns sv_login sv_active sv_idle sv_used sv_tested cl_active cl_waiting database |
      awk -F '\t' '$8 != "pgbouncer" && ($1 > 0 || ($6 + $7 > 0 && $2 + $3 + $4 + $5 == 0)) { exit 1 }'; then
      return 0
    fi
    idle 0.05
  done
}

# pause_entries SECONDS NAME…: pauses them in parallel, and sets `late` to those that did not answer in time.
pause_entries() {
  local seconds=$1 name i
  shift
  waits=()
  for name; do
    # Without the lock: a child that outlives this command would keep it.
    console "$seconds" "PAUSE $(quoted "$name")" >/dev/null 2>&1 {LOCK}>&- &
    waits+=($!)
  done
  late=()
  for ((i = 1; i <= $#; i++)); do wait "${waits[i - 1]}" || late+=("${!i}"); done
}

# entries_in MODE WHICH: the entries in that mode, of the primary or of both servers.
entries_in() {
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

# refuse_pause SECONDS NAME…: clients should not wait for a transaction that may take hours. PAUSE answers
# for all databases together, so the oldest transaction shows which one was busy.
refuse_pause() {
  local seconds=$1 since='' name=$2 why="a transaction has been open for longer than that"
  shift
  IFS=$'\t' read -r since name < <(console 5 'SHOW SERVERS' 2>/dev/null | columns database state request_time |
    awk -F '\t' -v OFS='\t' -v names="$(printf '%s\t' "$@")" '
      BEGIN { n = split(names, one, "\t"); for (i = 1; i <= n; i++) late[one[i]] = 1 }
      $2 == "active" && $1 in late { print $3, $1 }' | sort | head -n 1) || name=$1
  if [[ -n $since ]] && since=$(date -d "$since" +%s 2>/dev/null); then
    why="its oldest transaction has been open for at least $(($(printf '%(%s)T' -1) - since)) s"
  fi
  rm -f "$RUN/pause.pid"
  resume
  fail "the database $(quoted "$name") could not be paused within $seconds s: $why"
}

# resume: lets the paused clients go on. Without a pause it does nothing.
resume() {
  local names=() name paused
  [[ -e $RUN/pause ]] || return 0
  widen
  mapfile -t names < <(tail -n +2 "$RUN/pause")
  paused=$(console 10 'SHOW DATABASES' | columns name paused) || fail "PgBouncer does not answer: its clients are still paused"
  for name in "${names[@]}"; do
    [[ $'\n'$paused$'\n' == *$'\n'"$name"$'\t1\n'* ]] || continue
    console 10 "RESUME $(quoted "$name")" >/dev/null || fail "the database $(quoted "$name") could not be resumed"
  done
  rm -f "$RUN/pause"
  keep_pools 1
}

# interrupt_pause: ends a `pause` that still waits for transactions.
interrupt_pause() {
  local pid
  if read -r pid 2>/dev/null <"$RUN/pause.pid"; then kill "$pid" 2>/dev/null || true; fi
}
