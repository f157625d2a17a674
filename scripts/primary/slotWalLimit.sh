# shellcheck shell=bash disable=SC2154
# The slot WAL limit: max_slot_wal_keep_size.
step_apply() {
  say sql_lock sql_slot_wal_limit_apply sql_reload
  settled
}

step_remove() {
  say sql_lock sql_slot_wal_limit_remove sql_reload
}

# A reload takes effect a moment later, and a setting on the server's command line wins over the files:
# only what a new session sees counts.
settled() {
  local try
  for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    case $(sql sql_slot_wal_limit_check) in
      ok) return ;;
    esac
    sleep "0.$try"
  done
  die "max_slot_wal_keep_size was set on the primary but is not in force after a reload: the server's log or its command line shows why."
}
