# shellcheck shell=bash disable=SC2154
# The extension amcheck, where there are indexes on text and it was not there before: a standby cannot
# make one. The last line is where its WAL ends.
step_apply() {
  in_each sql_amcheck_apply
  sql sql_amcheck_end
}

step_remove() { in_each sql_amcheck_remove; }
