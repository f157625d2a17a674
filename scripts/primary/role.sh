# shellcheck shell=bash disable=SC2154
step_apply() { sql sql_lock sql_role_apply sql_said; }

# The role carries the record of everything of ours, so whatever a step that failed half-way
# left behind goes before it: first what others may hold on to, so that a refusal finds the rest.
step_remove() {
  local swept
  in_each sql_amcheck_remove
  swept=$(sql sql_lock sql_dumps_remove sql_said \
    sql_hba_functions sql_hba_remove sql_slot_remove sql_cap_remove sql_reload sql_said)
  printf '%s\n' "$swept" | grep -v -e '^$' -e 'holds no block of ours' \
    -e '^Role .* is gone already' -e '^Role .* belongs to' || :
  sql sql_lock sql_role_remove sql_said
}
