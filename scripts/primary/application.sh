# shellcheck shell=bash disable=SC2153,SC2154
# A role that owns one database: the role and the database, then what is in the database, then the note beside the
# data that says what was done. APPLICATION_DATABASE is the database's name as hexadecimal digits.
step_apply() {
  say sql_lock sql_application_apply sql_application_database
  in_database "$APPLICATION_DATABASE" sql_application_objects sql_said | visible
  sql sql_lock sql_application_note
}

step_remove() { say sql_lock sql_application_remove sql_application_note; }
