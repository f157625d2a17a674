# shellcheck shell=bash disable=SC2154
# Does what the standby does first: as the new role, and from the same engine.
sql_identify() { echo 'IDENTIFY_SYSTEM;'; }

step_apply() {
  local rc=0
  sql_identify | run_psql >"$work/out" 2>"$work/err" || rc=$?
  # A failed statement counts as a failed connection here.
  if [ "$rc" -ne 0 ]; then failed 2; fi
  sed -n 's/^\([0-9]*\)|\([0-9]*\)|.*/Replication works: system \1, timeline \2./p' "$work/out"
}
