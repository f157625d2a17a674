# shellcheck shell=bash disable=SC2154
# The name is committed to the record before the slot exists: a slot is never without an owner.
step_apply() { say sql_lock sql_slot_register sql_slot_apply; }

step_remove() { say sql_lock sql_slot_remove; }
