# shellcheck shell=bash disable=SC2154
# The name is committed to the record before the slot exists: a slot is never without an owner.
step_apply() { sql sql_lock sql_slot_register sql_slot_apply sql_said; }

step_remove() { sql sql_lock sql_slot_remove sql_said; }
