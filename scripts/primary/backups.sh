# shellcheck shell=bash disable=SC2154
# One transaction: the role exists with everything that it needs, or not at all.
sql_together() { echo 'BEGIN;'; }
sql_done() { echo 'COMMIT;'; }

step_apply() { say sql_lock sql_together sql_role_apply sql_backups sql_reader_apply sql_done; }

step_remove() { say sql_lock sql_backups sql_reader_remove; }
