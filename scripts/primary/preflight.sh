# shellcheck shell=bash disable=SC2154
# Checks the primary and changes nothing. It prints all findings at once: those that block on standard error,
# the others on standard output. With `report` in its arguments it prints one line of JSON instead.
facts=
unseen=

step_apply() {
  visit_databases
  sql sql_known sql_preflight_disk sql_preflight_files sql_preflight sql_preflight_hurts sql_preflight_notes \
    sql_preflight_report >"$work/report"
  # Each line begins with the number of its stream. Both come through one output, because a psql that
  # sudo runs as another user cannot write into $work, and bash 3.2 on a Mac cannot read JSON.
  sed -n 's/^2 //p' "$work/report" | visible >&2
  # JSON keeps the exact text: the program that reads it escapes what it shows.
  case $(head -n 1 "$work/report") in
    '1 {'*) sed -n 's/^1 //p' "$work/report" ;;
    *) sed -n 's/^1 //p' "$work/report" | visible ;;
  esac
  if grep -q '^2 ' "$work/report"; then exit 1; fi
}

# Visits the databases one after the other, with one connection each. After three failures it skips the rest:
# each may take as long as the timeout for a dead server.
visit_databases() {
  local oid name fact failures=0 why
  sql sql_preflight_list >"$work/databases"
  while IFS='|' read -r oid name; do
    why='skipped, because three others failed before it'
    if [ "$failures" -lt 3 ]; then
      if fact=$(in_database "$name" sql_preflight_visit 2>&1) && is_hex "$fact"; then
        facts=$facts,$fact
        continue
      fi
      failures=$((failures + 1))
      why=$(printf '%s\n' "$fact" | head -n 1)
    fi
    case $oid in *[!0-9]* | '') continue ;; esac
    unseen=$unseen,$oid:$(printf '%s' "$why" | od -An -v -tx1 | tr -d ' \n')
  done <"$work/databases"
}

is_hex() { case $1 in *[!0-9a-f]* | '') return 1 ;; esac; }

# Both are hexadecimal digits, commas and colons.
sql_known() {
  printf "SELECT set_config('laterbase.facts', '%s', false), set_config('laterbase.unseen', '%s', false) \\\\g /dev/null\n" \
    "$facts" "$unseen"
}
