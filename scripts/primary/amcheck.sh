# shellcheck shell=bash disable=SC2154
# Creates the extension amcheck in each database that has text indexes and lacks it: a standby cannot create it.
# Prints one line of JSON: what was done or why not, by database, and up to where the standby has to replay WAL
# to have it too.
step_apply() {
  each sql_amcheck_apply
  printf '{"databases":[%s],"wal":%s}\n' "$(done_so_far)" "$(sql sql_amcheck_end)"
}

step_remove() {
  each sql_amcheck_remove
  printf '{"databases":[%s]}\n' "$(done_so_far)"
}

# each <function that prints SQL>: in every database by itself. One that cannot be used keeps no other from
# being checked. What psql said about it travels as hexadecimal digits.
each() {
  local oid name
  sql sql_amcheck_databases >"$work/databases"
  : >"$work/said"
  while IFS='|' read -r oid name; do
    conninfo_value "$name" >/dev/null
    case $oid in *[!0-9]* | '') die "The primary at $WHERE gave a number of a database that is not made of digits." ;; esac
    if (in_database "$name" "$1" sql_amcheck_said) >"$work/one" 2>"$work/why"; then
      cat "$work/one"
    else
      printf '{"oid":%s,"hex":"%s"}\n' "$oid" "$(head -n 1 "$work/why" | tr -d '\n' | od -An -v -tx1 | tr -d ' \n')"
    fi >>"$work/said"
  done <"$work/databases"
}

done_so_far() { paste -s -d , - <"$work/said"; }
