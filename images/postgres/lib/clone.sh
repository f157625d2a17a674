#!/usr/bin/env bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files that are sourced together
# Clones the primary into data.new, verifies the copy, and publishes it as data.verified.
# The supervisor starts this as a process group of its own and may kill it at any point. The next
# attempt removes what is left in data.new.
# usage: clone.sh STATE    exit 0: published; 1: failed, one sentence in $RUN/clone-error, and how far the copy had
# come in $RUN/clone-reached, when the copy itself failed
set -euo pipefail

ROLE=standby
STATE=$1
LIB=/usr/local/lib/laterbase
# shellcheck source=common.sh
source "$LIB/common.sh"
# shellcheck source=upstream.sh
source "$LIB/upstream.sh"

NEW=$VOLUME/data.new
# WAL that is written while the copy runs comes on top of the size that the primary reports.
WAL_ROOM_KB=65536

clone() {
  rm -rf "$NEW" "$RUN/clone-needs" "$RUN/clone-reached"
  remove_unused_tablespaces
  status "$STATE" "asking $PRIMARY_HOST:$PRIMARY_PORT for a copy"
  renew_slot || fail "$UPSTREAM_ERROR"
  copy
  status verifying "comparing every file with the manifest"
  pg_verifybackup --quiet "$NEW" >"$RUN/clone.log" 2>&1 || damaged
  publish_clone
}

damaged() {
  echo verified >"$RUN/clone-reached"
  fail "the copy is damaged: $(tail -n 1 "$RUN/clone.log")"
}

copy() {
  local copier percent=0
  # 300 s, because a disk that is busy with the copy can keep pg_basebackup from reading for minutes.
  pg_basebackup --pgdata="$NEW" --slot="$SLOT" --wal-method=stream --checkpoint=fast --progress \
    --no-clean --no-password --label=laterbase --dbname="$(lasting_conninfo 300)" "${TABLESPACE_MAP[@]}" >"$RUN/clone.log" 2>&1 &
  copier=$!
  while kill -0 "$copier" 2>/dev/null; do
    report
    sleep 0.5 &
    wait -n "$copier" "$!" || true
  done
  report # a short copy ends before the first report
  wait "$copier" || copy_failed
}

# copy_failed: a full volume can end the copy before the first progress line, which comes after one second.
# With --no-clean the files are still there, so what is left shows whether the volume was too small.
copy_failed() {
  local error left
  echo "$percent %" >"$RUN/clone-reached"
  error=$(sed -n 's/^pg_basebackup: error: //p' "$RUN/clone.log" | head -n 1)
  left=$(free_kb)
  if ((left < WAL_ROOM_KB)); then
    rm -f "$RUN/clone-reached" # room can be made
    error="the clone needs more room than the $(mb $((left + $(new_kb)))) MB that the data volume has free: $error"
  fi
  # The old server still serves reads and may need the room. The next attempt removes what is left.
  rm -rf "$NEW" || true
  remove_unused_tablespaces
  fail "$error"
}

# Progress lines look like "  34567/123456 kB (28%), 0/1 tablespace".
report() {
  local line total copied room
  line=$(grep -aoE "[0-9]+/[0-9]+ kB" "$RUN/clone.log" 2>/dev/null | tail -n 1) || return 0
  copied=${line%%/*} total=${line#*/} total=${total% kB}
  if [[ ! -e $RUN/clone-needs ]]; then
    room=$(($(free_kb) + $(new_kb)))
    if ((total + WAL_ROOM_KB > room)); then
      kill -KILL "$copier" 2>/dev/null || true
      rm -rf "$NEW"
      echo $((total + WAL_ROOM_KB)) >"$RUN/clone-needs"
      fail "the clone needs $(mb $((total + WAL_ROOM_KB))) MB, the data volume has $(mb "$room") MB free"
    fi
    touch "$RUN/clone-needs"
  fi
  percent=$((total ? copied * 100 / total : 0))
  status "$STATE" "$percent % of $(mb "$total") MB"
}

# publish_clone: runs after the verification, because its changes are not in the manifest.
# pg_basebackup has synced all other files.
publish_clone() {
  mv -f "$NEW/postgresql.auto.conf" "$NEW/postgresql.auto.conf.primary"
  : >"$NEW/postgresql.auto.conf"
  : >"$NEW/standby.signal"
  rm -f "$NEW/recovery.signal"
  sync "$NEW/postgresql.auto.conf" "$NEW/standby.signal" "$NEW"
  mv -T "$NEW" "$VOLUME/data.verified"
  sync "$VOLUME"
}

# Each clone copies the tablespaces into a folder of its own beside the data.
map_tablespaces() {
  local old new id=$RANDOM$RANDOM
  TABLESPACE_MAP=()
  while IFS= read -r -d '' old && IFS= read -r -d '' new; do
    TABLESPACE_MAP+=("--tablespace-mapping=${old//=/\\=}=$VOLUME/tablespaces/$id/${new//=/\\=}")
  done < <(printf '%s' "${TABLESPACES:-{\}}" | perl -MJSON::PP -0777 -ne \
    'binmode STDOUT, ":utf8"; my $t = decode_json($_); printf "%s\0%s\0", $t->{$_}, $_ for sort keys %$t')
}

remove_unused_tablespaces() {
  local directory
  for directory in "$VOLUME"/tablespaces/*; do
    [[ -d $directory ]] || continue
    find "$VOLUME"/data*/pg_tblspc -type l -lname "$directory/*" 2>/dev/null | grep -q . || rm -rf "$directory"
  done
}

free_kb() { df --output=avail -k "$VOLUME" | tail -n 1; }
new_kb() { du -sk "$NEW" 2>/dev/null | cut -f 1 | grep . || echo 0; }
mb() { echo $((($1 + 1023) / 1024)); }

fail() {
  printf '%s\n' "${1:-the copy ended without an error message}" >"$RUN/clone-error"
  exit 1
}

map_tablespaces
clone
