# shellcheck shell=bash disable=SC2154
# The server reloads the file only after it is known to be correct.
step_apply() { sql sql_lock sql_hba_functions sql_hba_record sql_hba_apply sql_reload sql_said; }

step_remove() { sql sql_lock sql_hba_functions sql_hba_remove sql_reload sql_said; }
