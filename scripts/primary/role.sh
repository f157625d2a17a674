# shellcheck shell=bash disable=SC2154
step_apply() { say sql_lock sql_role_apply; }

# The comment on the role records everything that the stack has made here. So what a failed step left
# behind is removed before the role. The roles that read come first: their removal may be refused when others depend on them.
step_remove() {
  in_each sql_amcheck_remove sql_said | visible
  say sql_lock sql_dumps sql_reader_remove sql_said sql_pgadmin sql_reader_remove sql_said \
    sql_backups sql_reader_remove sql_said sql_heartbeat_remove sql_said sql_health sql_reader_remove sql_said sql_hba_functions sql_hba_remove sql_slot_remove sql_slot_wal_limit_remove sql_reload
  say sql_lock sql_role_remove
}
