# shellcheck shell=bash disable=SC2153
# Shared by every step; the head of the script (rendered by script.ts) gives the values:
#   PSQL VERSION SUDO_AS LOGIN WHERE HBA_HINT CONNINFO PGPASS_LINE SQL_ARGS REMAINS
# It arrives on stdin of `bash -s -- apply|mend|remove`, on Linux and on macOS (bash 3.2).
set -euo pipefail
umask 077
export LC_ALL=C PGCLIENTENCODING=UTF8
unset PGHOST PGHOSTADDR PGPORT PGUSER PGDATABASE PGPASSWORD PGOPTIONS PGSERVICE
cd /

work=$(mktemp -d "${TMPDIR:-/tmp}/laterbase.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

die() {
  printf '%s\n' "$@" >&2
  exit 1
}

# The server cannot be worked on: a destroy then says what stays there.
give_up() {
  if [ "$mode" = remove ] && [ -n "$REMAINS" ]; then die "$@" "$REMAINS"; fi
  die "$@"
}

# A non-login shell on a Mac has a bare PATH, so the usual homes of PostgreSQL are tried too.
find_psql() {
  local candidate
  for candidate in "$PSQL" \
    "/Library/PostgreSQL/$VERSION/bin/psql" \
    "/Library/Application Support/PostgreSQL/$VERSION/bin/psql" \
    "/Applications/Postgres.app/Contents/Versions/$VERSION/bin/psql" \
    "/opt/homebrew/opt/postgresql@$VERSION/bin/psql" "/opt/homebrew/opt/libpq/bin/psql" \
    "/usr/local/opt/postgresql@$VERSION/bin/psql" "/usr/local/opt/libpq/bin/psql" \
    "/usr/lib/postgresql/$VERSION/bin/psql" "/usr/pgsql-$VERSION/bin/psql"; do
    if command -v "$candidate" >/dev/null 2>&1; then
      command -v "$candidate"
      return
    fi
    [ "$PSQL" = psql ] || break
  done
  give_up "There is no psql at \"$PSQL\" on this machine: set laterbase:primary.access.psql to its path."
}

# SQL on stdin; the password only ever stands in a file that goes away with this script.
run_psql() {
  if [ -n "$SUDO_AS" ]; then
    sudo -n -u "$SUDO_AS" -- "$psql" -X -q -A -t -v ON_ERROR_STOP=1 -d "$CONNINFO" -f -
  else
    PGPASSFILE="$work/pgpass" "$psql" -X -q -A -t -w -v ON_ERROR_STOP=1 -d "$CONNINFO" -f -
  fi
}

# sql <function that prints SQL>...: runs them in one session; its failure is this script's.
sql() {
  local rc=0 part
  {
    printf '%s\n' '\set VERBOSITY terse' '\set SHOW_CONTEXT never' "$SQL_ARGS" "\\set mode '$mode'"
    sql_begin
    for part in "$@"; do "$part"; done
  } >"$work/in"
  run_psql <"$work/in" >"$work/out" 2>"$work/err" || rc=$?
  [ "$rc" -eq 0 ] || failed "$rc"
  grep -v '^$' "$work/out" || :
}

# in_each <function that prints SQL>: runs it in one session that goes through the databases. What is
# set for it, psql forgets with each.
in_each() {
  each=$1
  sql sql_databases >"$work/databases"
  [ ! -s "$work/databases" ] || sql sql_each
}

sql_each() {
  local connect
  while IFS= read -r connect; do
    printf '%s\n' "$connect"
    sql_begin
    "$each"
  done <"$work/databases"
}

# psql exits with 2 when there is no connection, with 3 when a statement failed.
failed() {
  local said
  said=$(sed -e 's/^psql:[^:]*:[0-9]*: //' -e 's/^psql: //' -e 's/^error: //' -e 's/^[A-Z]*:  *//' "$work/err")
  case $1:$said in
    3:*'lock timeout'*) die "Another run of Laterbase is at work on the primary at $WHERE: try again." "$said" ;;
    3:*) die "$said" ;;
  esac
  give_up "$(explain "$said")"
}

# The first sentence says what is wrong; the server's own words follow, for other languages too.
explain() {
  local seen
  case $1 in
    sudo:*) echo "sudo does not let this login run psql as \"$SUDO_AS\" without a password." ;;
    *'no password supplied'* | *'password authentication failed'*)
      echo "The primary at $WHERE refused the password of \"$LOGIN\"." ;;
    *pg_hba.conf*)
      seen=$(printf '%s\n' "$1" | sed -n -e 's/.*[ "]\([0-9][0-9]*\.[0-9.]*\)["«,].*/\1/p' \
        -e 's/.*"\([0-9a-f]*:[0-9a-f:]*\)".*/\1/p' | head -n 1)
      echo "The primary at $WHERE has no pg_hba.conf entry that lets \"$LOGIN\" in from ${seen:-this address}$HBA_HINT." ;;
    *'onnection refused'* | *'No such file or directory'*)
      echo "Nothing answers at $WHERE: the connection was refused (is the server up, and does its listen_addresses include that address?)." ;;
    *'imeout expired'* | *'timed out'*)
      echo "The primary at $WHERE did not answer in time."
      echo "If it sleeps, wake it; if it has another address now, set laterbase:primary.host." ;;
    *'o route to host'*)
      echo "No machine is at $WHERE: it sleeps, or it has another address now, which laterbase:primary.host has to name." ;;
    *'could not translate host name'*) echo "The name in $WHERE cannot be resolved from here." ;;
    *'max_wal_senders'*) echo "The primary at $WHERE has no free wal sender: raise max_wal_senders." ;;
    *) echo "The primary at $WHERE cannot be used." ;;
  esac
  printf '%s\n' "$1"
}

main() {
  mode=${1:-}
  case $mode in
    apply | mend | remove) ;;
    *) die "usage: bash -s -- apply|mend|remove" ;;
  esac
  if [ "$mode" = remove ] && ! command -v "step_remove" >/dev/null; then return 0; fi
  psql=$(find_psql)
  if [ -z "$SUDO_AS" ]; then printf '%s\n' "$PGPASS_LINE" >"$work/pgpass"; fi
  if [ "$mode" = remove ]; then step_remove; else step_apply; fi
}
