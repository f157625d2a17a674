# shellcheck shell=bash disable=SC2154
# One transaction: the role exists with everything that it needs, or not at all.
sql_together() { echo 'BEGIN;'; }
sql_done() { echo 'COMMIT;'; }

step_apply() {
  say sql_lock sql_together sql_role_apply sql_health sql_reader_apply sql_heartbeat_apply sql_done
}

# The rights on the heartbeat go first: a role that has any cannot be dropped.
step_remove() { say sql_lock sql_heartbeat_remove sql_said sql_health sql_reader_remove; }
