# shellcheck shell=bash disable=SC2154
# Creates the extension amcheck in each database that has text indexes and lacks it: a standby cannot create it.
# Prints one line of JSON: what was done, and up to where the standby has to replay WAL to have it too.
step_apply() {
  in_each sql_amcheck_apply sql_said_json >"$work/said"
  printf '{"said":[%s],"wal":%s}\n' "$(done_so_far)" "$(sql sql_amcheck_end)"
}

step_remove() {
  in_each sql_amcheck_remove sql_said_json >"$work/said"
  printf '{"said":[%s]}\n' "$(done_so_far)"
}

done_so_far() { paste -s -d , - <"$work/said"; }
