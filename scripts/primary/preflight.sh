# shellcheck shell=bash disable=SC2154
# Looks, and touches nothing. All findings come together: what cannot work on standard error, what can
# hurt and what is good to know on standard output. REPORT=yes has them as they come, for a program.
separator=$'\037'
facts=
unseen=

step_apply() {
  visit_databases
  sql sql_known sql_preflight_disk sql_preflight sql_preflight_hurts sql_preflight_notes >"$work/findings"
  if [ -n "$REPORT" ]; then
    cat "$work/findings"
    return
  fi
  print_findings
}

# One after the other, one connection each. After three that fail the rest is not tried: each may
# take as long as a dead server does.
visit_databases() {
  local oid name seen failures=0 why='as three others before it'
  sql sql_preflight_list >"$work/databases"
  while IFS=$separator read -r oid name; do
    if [ "$failures" -lt 3 ]; then
      if seen=$(CONNINFO="$CONNINFO dbname=$name" && sql sql_preflight_visit 2>&1); then
        facts=$facts,$seen
        continue
      fi
      failures=$((failures + 1))
      why=$(printf '%s\n' "$seen" | head -n 1)
    else
      why='as three others before it'
    fi
    unseen=$unseen,$oid:$(printf '%s' "$why" | od -An -v -tx1 | tr -d ' \n')
  done <"$work/databases"
}

# Both are hexadecimal digits, commas and colons.
sql_known() {
  printf "SELECT set_config('laterbase.facts', '%s', false), set_config('laterbase.unseen', '%s', false) \\\\g /dev/null\n" \
    "$facts" "$unseen"
}

print_findings() {
  local level id said means todo blocked=
  while IFS=$separator read -r level id said means todo; do
    case $level in
      block)
        printf '%s\n' "$said" >&2
        blocked=yes
        ;;
      server) ready="PostgreSQL $id is ready for $todo standby(s)." ;;
    esac
  done <"$work/findings"
  [ -n "$blocked" ] || printf '%s\n' "$ready"
  while IFS=$separator read -r level id said means todo; do
    case $level in
      warn) printf 'Warning: %s. %s %s\n' "$said" "$means" "$todo" ;;
      note) printf 'Note: %s. %s %s\n' "$said" "$means" "$todo" ;;
    esac
  done <"$work/findings" | tr '\036' '\n'
  [ -z "$blocked" ] || exit 1
}
