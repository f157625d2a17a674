# shellcheck shell=bash disable=SC2154
# The server reloads the file only after it is known to be correct.
step_apply() { say sql_lock sql_hba_functions sql_hba_record sql_hba_apply sql_reload; }

step_remove() { say sql_lock sql_hba_functions sql_hba_remove sql_reload; }
