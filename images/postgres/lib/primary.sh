# shellcheck shell=bash disable=SC2034 # common.sh reads LOCAL_DATABASES
# The managed primary. It is initialised once, and published by rename: an interrupted initialisation is
# never used.

SUPERUSER=postgres
LOCAL_DATABASES=(postgres template1) # the first can be dropped
INIT=$VOLUME/data.new
APPLIED=superuser-password.applied # holds the verifier that was set last; a volume has it once it was initialised

# A restored server beside the primary leaves the others alone, whatever its restored settings say: it archives
# nothing, takes no subscription's changes, waits for no standby, and starts no worker of an extension, such as
# pg_cron's, which would run jobs a second time. A lower limit than the WAL's stops no replay: see replays_first.
BESIDE=()
if [[ -n ${RESTORED_BESIDE-} ]]; then
  BESIDE=(-c archive_mode=off -c max_logical_replication_workers=0 -c max_worker_processes=0
    -c synchronous_standby_names=)
fi

run_primary() {
  prepare_container
  open_log
  await_restored_data
  await_lost_data
  [[ -d $PGDATA ]] || initialise
  replays_first
  start_server -c config_file="$ETC/postgresql.conf" -c unix_socket_directories="$SOCKETS" "${BESIDE[@]}" \
    "${REPLAYING[@]}"
  wait_until_ready
  forget_recovery
  # The others are there, and have to be served. The next start and the next 'up' try again.
  create_missing_databases || true
  set_password
  status running
  watch
}

# await_restored_data: a restore in place that was stopped half-way left the data under another name, or half of
# them. Nothing starts on that, and nothing is initialised beside it. contract/restoreInPlace.ts has the names.
await_restored_data() {
  while half_restored; do
    status blocked "a restore in place was stopped half-way: 'npm run laterbase -- restore --in-place' goes on with it, and 'npm run laterbase -- restore --undo' puts the data from before back"
    pause 2
  done
}

half_restored() {
  ! grep -qs '"phase":"overwriting"' "$VOLUME/restore.json" || return 0
  [[ ! -e $PGDATA/global/pg_control ]] || return 1
  [[ -e $VOLUME/restore.json || -d $VOLUME/data.before-restore || -d $VOLUME/data.restoring || -d $VOLUME/data.leaving ]]
}

# await_lost_data: a server was initialised here, and its data are gone. An empty one in their place would look well.
await_lost_data() {
  while lost_data; do
    status blocked "this volume had data, and they are gone: put $PGDATA back, or 'npm run laterbase -- restore --in-place' brings back what the backups hold; to begin with an empty server, delete $VOLUME/$APPLIED"
    pause 2
  done
}

lost_data() { [[ ! -e $PGDATA && -e $VOLUME/$APPLIED && -z ${RESTORED_BESIDE-} ]]; }

initialise() {
  ((${#BESIDE[@]} == 0)) || give_up "there are no restored data"
  status starting "initialising"
  rm -rf "$INIT"
  run initdb --pgdata="$INIT" --username="$SUPERUSER" --pwfile="$ETC/superuser-password" \
    --encoding=UTF8 --locale=en_US.UTF-8 --data-checksums \
    --auth-local=peer --auth-host=scram-sha-256 --no-sync >"$RUN/initdb" 2>&1 ||
    give_up "initdb failed: $(tail -n 3 "$RUN/initdb" | tr '\n' ' ')"
  # No line for replication: the preparation of the primary adds the networks that standbys connect from.
  cat >"$INIT/pg_hba.conf" <<'HBA'
# TYPE  DATABASE  USER      ADDRESS  METHOD
local   all       postgres           peer
local   all       all                scram-sha-256
host    all       all       all      scram-sha-256
HBA
  PGDATA=$INIT SOCKETS=$RUN fill
  # Nothing was fsynced so far. Everything is synced once, before the directory gets its final name.
  run initdb --pgdata="$INIT" --sync-only >/dev/null
  mv -T "$INIT" "$PGDATA"
  sync "$VOLUME"
}

# fill: creates the databases and runs the init scripts, on a server that no client can reach.
fill() {
  start_server -c config_file="$ETC/postgresql.conf" -c unix_socket_directories="$SOCKETS" \
    -c listen_addresses= -c fsync=off -c archive_mode=off
  wait_until_ready
  create_missing_databases || give_up "a database could not be created; the container's log says why"
  local script
  for script in "$ETC"/init/*; do
    [[ -f $script ]] || continue
    status starting "running ${script##*/}"
    run_init_script "$script" >&2 || give_up "init script ${script##*/} failed; nothing was kept, and the container's log says why"
  done
  stop_server
}

run_init_script() {
  local database
  database=$(lookup "SELECT coalesce('$(sql_text "${DATABASES:-[]}")'::json->>0, 'postgres')")
  export PGHOST=$SOCKETS PGUSER=$SUPERUSER PGDATABASE=$database
  case $1 in
    *.sql) run psql -Xqw -v ON_ERROR_STOP=1 -f "$1" ;;
    *.sh) run bash "$1" ;;
    *) say "${1##*/} is neither .sql nor .sh: skipped" ;;
  esac
}

# PostgreSQL parses the JSON, a name travels as hexadecimal digits, and psql quotes it: every name that
# PostgreSQL accepts works. False when one could not be created.
create_missing_databases() {
  local hex name missing here failed=0
  # `set -e` does not hold here, because the caller looks at the result.
  here=$(lookup 'SELECT current_database()') || return 1
  missing=$(lookup "SELECT encode(convert_to(name, 'UTF8'), 'hex')
    FROM json_array_elements_text('$(sql_text "${DATABASES:-[]}")') name
   WHERE name NOT IN (SELECT datname FROM pg_database)") || return 1
  for hex in $missing; do
    unhex name "$hex" || return 1
    PGOPTIONS=$SESSION psql -Xqw -h "$SOCKETS" -U "$SUPERUSER" -d "$here" -v ON_ERROR_STOP=1 -v name="$name" \
      >&2 2>"$RUN/error" <<<'CREATE DATABASE :"name"' || {
      say "the database \"$name\" could not be created: $(head -n 1 "$RUN/error")"
      failed=1
    }
  done
  return "$failed"
}

# set_password: sets the password from the file, once per content of the file. A password that the owner
# changed later survives a restart; a new file replaces it. The verifier is stored beside the data
# directory, so that a restore from a backup does not change it.
set_password() {
  local applied=$VOLUME/$APPLIED verifier here
  if [[ -s $applied && -z $(cat "$applied" "$ETC/superuser-password" | perl "$LIB/scram.pl") ]]; then
    return 0
  fi
  verifier=$({ stored_password && cat "$ETC/superuser-password"; } | perl "$LIB/scram.pl")
  if [[ -n $verifier ]]; then
    here=$(lookup 'SELECT current_database()')
    PGOPTIONS=$SESSION psql -Xqw -h "$SOCKETS" -U "$SUPERUSER" -d "$here" -v ON_ERROR_STOP=1 >/dev/null 2>"$RUN/error" <<SQL ||
SET log_statement = none;
SET log_min_duration_statement = -1;
SET log_min_error_statement = panic;
ALTER ROLE "$SUPERUSER" PASSWORD '$verifier';
SQL
      give_up "the superuser's password could not be set"
    say "the superuser's password was set from its file"
  fi
  # The verifier recognises the file's password and does not reveal it.
  stored_password >"$applied.new"
  sync "$applied.new"
  mv -f "$applied.new" "$applied"
}

stored_password() { lookup "SELECT rolpassword FROM pg_authid WHERE rolname = '$SUPERUSER'"; }

wait_until_ready() {
  until lookup 'SELECT 1' >/dev/null; do
    : >"$RUN/alive"
    [[ ! -e $PGDATA/recovery.signal ]] || status starting/recovering "replaying WAL, segment $(replayed_segment)"
    server_alive || give_up "the server ended while starting; the container's log says why"
    pause 0.3
  done
}

# replays_first: restored data replay WAL first. Nobody reads a state from the middle of that, and a limit that was
# higher when the WAL was written, such as max_connections, stops no replay.
replays_first() {
  REPLAYING=()
  [[ ! -e $PGDATA/recovery.signal ]] || REPLAYING=(-c hot_standby=off)
}

# replayed_segment: the WAL segment that is replayed now, as the startup process says in its title.
replayed_segment() {
  local title
  title=$(grep -asho 'recovering [0-9A-F]\{24\}' /proc/[0-9]*/cmdline | head -n 1) || true
  printf '%s' "${title#recovering }"
}

# forget_recovery: what a restore wrote into the settings. Left there, a copy of these data would stop at the same
# target.
forget_recovery() {
  local here resets
  grep -qsE '^(restore_command|recovery_target)' "$PGDATA/postgresql.auto.conf" || return 0
  here=$(lookup 'SELECT current_database()')
  resets=$(printf 'ALTER SYSTEM RESET %s;\n' restore_command recovery_target{,_action,_inclusive,_lsn,_name,_time,_timeline,_xid})
  PGOPTIONS=$SESSION psql -Xqw -h "$SOCKETS" -U "$SUPERUSER" -d "$here" -v ON_ERROR_STOP=1 \
    >/dev/null 2>"$RUN/error" <<<"$resets" || give_up "the settings of the recovery could not be reset"
  kill -HUP "$SERVER"
}

watch() {
  while server_alive; do
    if lookup 'SELECT 1' >/dev/null; then
      status running
    elif server_alive; then
      status starting "$(head -n 1 "$RUN/error")"
    fi
    pause 2
  done
  give_up "the server ended by itself"
}

give_up() {
  trap '' INT TERM
  stop_server
  rm -rf "$INIT"
  close_log
  status failed "$1"
  exit 1
}

sql_text() { printf '%s' "${1//\'/\'\'}"; }
