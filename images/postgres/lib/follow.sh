# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153 # state is shared between the files of one process
# The standby's own configuration, outside the data directory: what the primary's says there
# (a Mac's paths and locales among it) is never read.

write_config() { # write_config CONNINFO
  {
    cat <<CONF
listen_addresses = '*'
unix_socket_directories = '$SOCKETS'
lc_messages = 'C'
huge_pages = off
timezone = '${TZ:-Etc/UTC}'
log_timezone = '${TZ:-Etc/UTC}'
CONF
    [[ ! -f $ETC/postgresql.conf ]] || echo "include '$ETC/postgresql.conf'"
    [[ ! -f $ETC/order.json ]] || echo "include_if_exists '$RUN/order.conf'"
    cat <<CONF
port = 5432
hba_file = '$RUN/pg_hba.conf'
ident_file = '$RUN/pg_ident.conf'
cluster_name = $(guc "$STANDBY_NAME")
archive_mode = off
hot_standby = on
primary_conninfo = $(guc "$1")
primary_slot_name = $(guc "$SLOT")
recovery_target_timeline = 'latest'
CONF
    floors
  } >"$RUN/postgresql.conf.new"
  mv -f "$RUN/postgresql.conf.new" "$RUN/postgresql.conf"
  cat >"$RUN/pg_hba.conf" <<CONF
local all $(hba "$SUPERUSER") peer map=laterbase
local all all ${CLIENT_AUTH:-scram-sha-256}
host all all all ${CLIENT_AUTH:-scram-sha-256}
CONF
  echo "laterbase postgres $(hba "$SUPERUSER")" >"$RUN/pg_ident.conf"
}

guc() {
  local value=${1//\\/\\\\}
  printf "'%s'" "${value//\'/\'\'}"
}
hba() { printf '"%s"' "${1//\"/\"\"}"; }

# floors: for each setting the highest of what the primary has now, what the WAL here was written
# with, and what the tuning asks for. Lower than the primary's would end or pause recovery.
floors() {
  local i value other
  read_control
  for i in "${!FLOORS[@]}"; do
    value=$(control "${CONTROL_NAMES[i]} setting")
    for other in "${UP_FLOORS[i]-}" "$(tuned "${FLOORS[i]}")"; do
      if [[ $other == on ]] || { [[ $other =~ ^[0-9]+$ && $value =~ ^[0-9]+$ ]] && ((other > value)); }; then
        value=$other
      fi
    done
    echo "${FLOORS[i]} = $value"
  done
}

tuned() {
  sed -nE "s/^[[:space:]]*$1[[:space:]]*=?[[:space:]]*'?([0-9]+|on)'?.*/\1/p" "$ETC/postgresql.conf" 2>/dev/null | tail -n 1
}

# too_low: true when the WAL asks for more than the running server was started with.
too_low() {
  local i needed has
  read_control
  for i in "${!FLOORS[@]}"; do
    needed=$(control "${CONTROL_NAMES[i]} setting")
    has=$(sed -n "s/^${FLOORS[i]} = //p" "$RUN/postgresql.conf" | tail -n 1)
    if [[ $needed =~ ^[0-9]+$ ]] && ((needed > has)); then return 0; fi
  done
  return 1
}

# begin CONNINFO: starts the server on the data that is there.
begin() {
  : >"$RUN/events"
  read -r SYSTEM LAST_TIMELINE _ <<<"$(position_at_rest)"
  write_config "$1"
  choose_order
  start_in_order -c config_file="$RUN/postgresql.conf"
  STARTED=$SECONDS GOAL='' CAUGHT_UP='' CUT_OFF='' ADVANCED=$SECONDS REPLAYED='' ASKED=-9
}

# stop_following: the server goes on answering reads but lets go of the slot.
stop_following() {
  write_config ''
  ! server_alive || kill -HUP "$SERVER"
}

# look: where the local server stands. False when it does not answer.
look() {
  local row
  row=$(lookup "SELECT pg_is_in_recovery(), coalesce(r.status, ''), coalesce(r.received_tli, 0),
      coalesce(pg_last_wal_receive_lsn(), '0/0'), coalesce(pg_last_wal_replay_lsn(), '0/0'),
      coalesce(r.latest_end_lsn, '0/0'), CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() END,
      extract(epoch from current_setting('recovery_min_apply_delay')::interval)::int
    FROM (SELECT 1) one LEFT JOIN pg_stat_wal_receiver r ON true") || return 1
  IFS='|' read -r IN_RECOVERY RECEIVER TIMELINE RECEIVED REPLAY END PAUSED DELAY <<<"$row"
  ((TIMELINE == 0)) || LAST_TIMELINE=$TIMELINE
  if [[ $REPLAY != "$REPLAYED" ]]; then REPLAYED=$REPLAY ADVANCED=$SECONDS; fi
}
