# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153 # state is shared between the files of one process
# The standby's own configuration, outside the data directory. The primary's configuration files in the
# data directory, with the paths and locales of a Mac for example, are never read.

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
    wal_limits
    [[ ! -f $ETC/postgresql.conf ]] || echo "include '$ETC/postgresql.conf'"
    [[ ! -f $ETC/collation.json ]] || echo "include_if_exists '$RUN/collation.conf'"
    cat <<CONF
port = 5432
hba_file = '$RUN/pg_hba.conf'
ident_file = '$RUN/pg_ident.conf'
cluster_name = $(guc "$STANDBY_NAME")
$(archiving)
hot_standby = on
dynamic_library_path = '\$libdir:$STAND_INS'
primary_conninfo = $(guc "$1")
primary_slot_name = $(guc "$SLOT")
recovery_target_timeline = 'latest'
CONF
    minimum_settings
  } >"$RUN/postgresql.conf.new"
  mv -f "$RUN/postgresql.conf.new" "$RUN/postgresql.conf"
  # A connection of the replication role to a database could copy this server, too.
  {
    echo "host all $(hba "$REPLICATION_USER") all reject"
    echo "local all $(hba "$SUPERUSER") peer map=laterbase"
    [[ -z ${BACKUP_ROLE-} ]] || echo "local postgres $(hba "$BACKUP_ROLE") peer map=laterbase"
    echo "local all all ${CLIENT_AUTH:-scram-sha-256}"
    echo "host all all all ${CLIENT_AUTH:-scram-sha-256}"
  } >"$RUN/pg_hba.conf"
  {
    echo "laterbase postgres $(hba "$SUPERUSER")"
    [[ -z ${BACKUP_ROLE-} ]] || echo "laterbase postgres $(hba "$BACKUP_ROLE")"
  } >"$RUN/pg_ident.conf"
}

# archiving: a standby archives nothing, and neither does one that a person promotes: its timeline would mix with
# that of the primary in the archive. Where Laterbase runs the primary, the mode is on, because only a restart
# changes it: a standby that becomes the primary then needs a reload.
archiving() {
  if [[ -z ${BACKUP_ROLE-} ]]; then echo "archive_mode = off"; else printf 'archive_mode = on\narchive_command = %s\n' "'/bin/true'"; fi
}

guc() {
  local value=${1//\\/\\\\}
  printf "'%s'" "${value//\'/\'\'}"
}
hba() { printf '"%s"' "${1//\"/\"\"}"; }

# wal_limits: PostgreSQL does not start when one of these is less than two WAL segments. initdb --wal-segsize makes
# segments of up to 1 GB, and writes larger limits into the primary's postgresql.conf, which is not read here.
# The stack's own configuration comes after them: its max_wal_size is enough for every size.
wal_limits() {
  local bytes segment
  read_control
  bytes=$(control 'Bytes per WAL segment')
  segment=$((${bytes:-0} >> 20))
  ((segment * 2 <= 80)) || printf 'min_wal_size = %dMB\n' $((segment * 2))
  ((segment * 2 <= 1024)) || printf 'max_wal_size = %dMB\n' $((segment * 2))
}

# minimum_settings: for each setting the highest of three values: the primary's present one, the one that
# the WAL here was written with, and the configured one. With less than the primary's, recovery stops.
minimum_settings() {
  local i value other
  read_control
  for i in "${!MINIMUM_SETTINGS[@]}"; do
    value=$(control "${CONTROL_LINES[i]}")
    for other in "${UPSTREAM_SETTINGS[i]-}" "$(configured "${MINIMUM_SETTINGS[i]}")"; do
      if [[ $other == on ]] || { [[ $other =~ ^[0-9]+$ && $value =~ ^[0-9]+$ ]] && ((other > value)); }; then
        value=$other
      fi
    done
    echo "${MINIMUM_SETTINGS[i]} = $value"
  done
}

configured() {
  sed -nE "s/^[[:space:]]*$1[[:space:]]*=?[[:space:]]*'?([0-9]+|on)'?.*/\1/p" "$ETC/postgresql.conf" 2>/dev/null | tail -n 1
}

# settings_too_low: true when the WAL needs more than the running server was started with.
settings_too_low() {
  local i needed has
  read_control
  for i in "${!MINIMUM_SETTINGS[@]}"; do
    needed=$(control "${CONTROL_LINES[i]}")
    has=$(sed -n "s/^${MINIMUM_SETTINGS[i]} = //p" "$RUN/postgresql.conf" | tail -n 1)
    if [[ $needed =~ ^[0-9]+$ ]] && ((needed > has)); then return 0; fi
  done
  return 1
}

# start_standby CONNINFO: starts the server on the present data.
start_standby() {
  : >"$RUN/events"
  read -r SYSTEM LAST_TIMELINE _ <<<"$(position_at_rest)"
  write_config "$1"
  choose_collation
  start_with_collation -c config_file="$RUN/postgresql.conf"
  STARTED=$SECONDS GOAL='' CAUGHT_UP='' CUT_OFF='' ADVANCED=$SECONDS REPLAYED='' ASKED=-9
}

# stop_following: the server still answers reads but no longer uses the slot.
stop_following() {
  write_config ''
  ! server_alive || kill -HUP "$SERVER"
}

# observe: asks the local server for its state and its positions. False when it does not answer.
observe() {
  local row preloads
  row=$(lookup "SELECT pg_is_in_recovery(), coalesce(r.status, ''), coalesce(r.received_tli, 0),
      coalesce(pg_last_wal_receive_lsn(), '0/0'), coalesce(pg_last_wal_replay_lsn(), '0/0'),
      coalesce(r.latest_end_lsn, '0/0'), CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() END,
      extract(epoch from current_setting('recovery_min_apply_delay')::interval)::int, ($PRELOADS)
    FROM (SELECT 1) one LEFT JOIN pg_stat_wal_receiver r ON true") || return 1
  IFS='|' read -r IN_RECOVERY RECEIVER TIMELINE RECEIVED REPLAY END PAUSED DELAY preloads <<<"$row"
  [[ $TIMELINE =~ ^[0-9]+$ && $DELAY =~ ^[0-9]+$ ]] || return 1
  # shellcheck disable=SC2086 # plain names with spaces between them
  stand_in $preloads
  ((TIMELINE == 0)) || LAST_TIMELINE=$TIMELINE
  if [[ $REPLAY != "$REPLAYED" ]]; then REPLAYED=$REPLAY ADVANCED=$SECONDS; fi
}
